import { eachCounter, NO_ACCOUNT_ID, ROLLUPS, USAGE_COUNTERS } from './usage-counters.js';
import { USAGE_DIMENSIONS, type UsageDimension, type UsageFilter, type UsageQuestion } from './usage-row.js';

export interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/** In one statement, which sees one moment: sums move from the deltas into the rollups all the time. */
export function usageStatement(question: UsageQuestion): Statement {
  const dimensions = USAGE_DIMENSIONS.filter((name) => question.groupBy.includes(name));
  const { text, values } = sumsOf(question);
  return { text: dimensions.length > 0 ? `${text} ORDER BY ${order(dimensions)}` : text, values };
}

/**
 * A page of the same rows in an order that stays when they grow: by time, then by what they are of.
 *
 * @param after the names of the last row of the page before, as `pagePosition` says them
 */
export function usagePageStatement(
  question: UsageQuestion,
  limit: number,
  after: readonly string[] | undefined,
): Statement {
  const { text, values } = sumsOf(question);
  const parameter = (value: unknown): string => `$${String(values.push(value))}`;
  const place = PAGE_ORDER.filter((name) => question.groupBy.includes(name)).map(
    (name) => `coalesce("${name}"::text, '') COLLATE "C"`,
  );
  const from = after?.map((value) => `${parameter(value)}::text`).join(', ');
  const page = `
    SELECT * FROM (${text}) AS sums
     ${from === undefined || place.length === 0 ? '' : `WHERE (${place.join(', ')}) > (${from})`}
     ${place.length === 0 ? '' : `ORDER BY ${place.join(', ')}`}
     LIMIT ${parameter(limit)}`;
  return { text: page, values };
}

/** What tells a row from all others of its question, in the order of pages. */
export const pagePosition = (row: Partial<Record<UsageDimension, string | null>>): string[] =>
  PAGE_ORDER.filter((name) => row[name] !== undefined).map((name) => row[name] ?? '');

const PAGE_ORDER = ['day', 'hour', 'pool', 'key', 'account', 'model'] as const satisfies readonly UsageDimension[];

function sumsOf({ fromMs, toMs, groupBy, filter = {} }: UsageQuestion): Statement {
  const { table, time } = groupBy.includes('hour') ? ROLLUPS.hour : ROLLUPS.day;
  const dimensions = USAGE_DIMENSIONS.filter((name) => groupBy.includes(name));
  const { text: matching, values } = conditions(filter);
  const from = time === 'hour' ? '$1::timestamptz' : `($1::timestamptz AT TIME ZONE 'UTC')::date`;
  const to = time === 'hour' ? '$2::timestamptz' : `($2::timestamptz AT TIME ZONE 'UTC')::date`;
  const start = time === 'hour' ? 'hour' : `day::timestamp AT TIME ZONE 'UTC'`;
  const columns = `pool_id, key_id, account_id, model, ${USAGE_COUNTERS.join(', ')}`;
  const grouped = dimensions.map((_, index) => String(index + 1)).join(', ');
  const text = `
    SELECT ${[...dimensions.map((name) => `${PHRASES[name]} AS "${name}"`), SUMS].join(', ')}
      FROM (SELECT ${start} AS start, ${columns}
              FROM ${table} WHERE ${time} >= ${from} AND ${time} < ${to}${matching}
             UNION ALL
            SELECT hour, pool_id, key_id, coalesce(account_id, '${NO_ACCOUNT_ID}'), model, ${USAGE_COUNTERS.join(', ')}
              FROM usage_delta WHERE hour >= $1 AND hour < $2${matching}) AS used
     ${dimensions.length > 0 ? `GROUP BY ${grouped}` : ''}
    HAVING sum(calls) <> 0`;
  return { text, values: [new Date(fromMs), new Date(toMs), ...values] };
}

const PHRASES: Readonly<Record<UsageDimension, string>> = {
  key: 'key_id',
  pool: 'pool_id',
  account: `nullif(account_id, '${NO_ACCOUNT_ID}')`,
  model: 'model',
  day: `to_char(start AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
  hour: `to_char(start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
};

const SUMS = eachCounter((name) => `sum(${name})::text AS ${name}`);

/** By time where time was asked for, and the most used first within that. */
const order = (dimensions: readonly UsageDimension[]): string => {
  const position = (name: UsageDimension): string => String(dimensions.indexOf(name) + 1);
  const times = dimensions.filter((name) => name === 'day' || name === 'hour').map(position);
  const most = 'sum(input_uncached + input_cached + cache_write + output + reasoning) DESC, sum(calls) DESC';
  return [...times, most, ...dimensions.map(position)].join(', ');
};

function conditions({ poolId, poolIds, keyId, accountId, model }: UsageFilter): Statement {
  const wanted: readonly (readonly [column: string, is: (parameter: string) => string, value: unknown])[] = [
    ['pool_id', (one) => `= ${one}`, poolId],
    ['pool_id', (some) => `= ANY(${some}::uuid[])`, poolIds],
    ['key_id', (one) => `= ${one}`, keyId],
    ['account_id', (one) => `= ${one}`, accountId],
    ['model', (one) => `= ${one}`, model],
  ];
  const given = wanted.filter(([, , value]) => value !== undefined);
  return {
    text: given.map(([column, is], index) => ` AND ${column} ${is(`$${String(index + 3)}`)}`).join(''),
    values: given.map(([, , value]) => value),
  };
}
