import { eachCounter, NO_ACCOUNT_ID, ROLLUPS, USAGE_COUNTERS } from './usage-counters.js';
import { USAGE_DIMENSIONS, type UsageDimension, type UsageFilter, type UsageQuestion } from './usage-row.js';

export interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/** In one statement, which sees one moment: sums move from the deltas into the rollups all the time. */
export function usageStatement({ fromMs, toMs, groupBy, filter = {} }: UsageQuestion): Statement {
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
    HAVING sum(calls) <> 0
     ${dimensions.length > 0 ? `ORDER BY ${order(dimensions)}` : ''}`;
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

function conditions({ poolId, keyId, accountId, model }: UsageFilter): Statement {
  const wanted = Object.entries({ pool_id: poolId, key_id: keyId, account_id: accountId, model });
  const given = wanted.filter(([, value]) => value !== undefined);
  return {
    text: given.map(([column], index) => ` AND ${column} = $${String(index + 3)}`).join(''),
    values: given.map(([, value]) => value),
  };
}
