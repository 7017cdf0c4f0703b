/** Every counter of `usage_delta`, `usage_hourly` and `usage_daily`, by its column. */
export const USAGE_COUNTERS = [
  'calls',
  'succeeded',
  'failed',
  'cancelled',
  'rejected',
  'unknown_usage',
  'unpriced',
  'input_uncached',
  'input_cached',
  'cache_write',
  'output',
  'reasoning',
  'estimated_input',
  'estimated_output',
  'cost_nano_usd',
  'metered_nano_usd',
] as const;

export type UsageCounter = (typeof USAGE_COUNTERS)[number];

/** Stands for the account of calls that were given to none. */
export const NO_ACCOUNT_ID = '00000000-0000-0000-0000-000000000000';

const HOUR = { table: 'usage_hourly', time: 'hour', ofDelta: 'hour' } as const;
const DAY = { table: 'usage_daily', time: 'day', ofDelta: `(hour AT TIME ZONE 'UTC')::date` } as const;

/** Where sums of this width are kept, under which column, and how a delta says that column. */
export const ROLLUPS = { hour: HOUR, day: DAY } as const;
export type Rollup = (typeof ROLLUPS)[keyof typeof ROLLUPS];

/** A phrase about each counter, as a list. */
export const eachCounter = (phrase: (counter: UsageCounter) => string): string => USAGE_COUNTERS.map(phrase).join(', ');

/**
 * The end of a statement that adds rows to a rollup. Whatever adds to one names its columns in this order, and brings its
 * rows in the order of the first five: writers that meet wait for each other and never in a circle.
 */
export const addedTo = ({ table, time }: Rollup): string => `
  ON CONFLICT (${time}, pool_id, key_id, account_id, model) DO UPDATE
 SET ${eachCounter((name) => `${name} = ${table}.${name} + excluded.${name}`)}`;

export const rollupColumns = ({ time }: Rollup): string =>
  `${time}, pool_id, key_id, account_id, model, ${USAGE_COUNTERS.join(', ')}`;
