import type { DataSource } from 'typeorm';
import { USAGE_COUNTERS } from '../../../src/accounting/rollups/usage-counters.js';
import { usdOf } from '../../../src/core/index.js';

const COUNTED: Readonly<Record<string, string>> = {
  calls: 'count(*)',
  unknown_usage: `count(*) FILTER (WHERE NOT usage_known AND cost_status <> 'none')`,
  unpriced: `count(*) FILTER (WHERE cost_status = 'unpriced')`,
  metered_nano_usd: 'coalesce(sum(cost_nano_usd) FILTER (WHERE metered), 0)',
};
const OUTCOMES: readonly string[] = ['succeeded', 'failed', 'cancelled', 'rejected'];

const countedIn = (counter: string): string => {
  if (OUTCOMES.includes(counter)) return `count(*) FILTER (WHERE outcome = '${counter}')`;
  return COUNTED[counter] ?? `coalesce(sum(${counter}), 0)`;
};

/** In both or in neither; what comes to nothing is left out. */
const differing = (time: string, ofDelta: string, table: string): string => `
  WITH ledger AS (
    SELECT (date_trunc('${time}', received_at, 'UTC') AT TIME ZONE 'UTC')::text AS time, pool_id, key_id,
           coalesce(account_id, '00000000-0000-0000-0000-000000000000') AS account_id, requested_model AS model,
           ${USAGE_COUNTERS.map((counter) => `${countedIn(counter)}::numeric AS ${counter}`).join(', ')}
      FROM ledger_entry GROUP BY 1, 2, 3, 4, 5
  ), summed AS (
    SELECT time, pool_id, key_id, account_id, model,
           ${USAGE_COUNTERS.map((counter) => `sum(${counter}) AS ${counter}`).join(', ')}
      FROM (SELECT ${ofDelta} AS time, pool_id, key_id,
                   coalesce(account_id, '00000000-0000-0000-0000-000000000000') AS account_id, model,
                   ${USAGE_COUNTERS.join(', ')} FROM usage_delta
            UNION ALL
            SELECT ${table === 'usage_daily' ? 'day::timestamp::text' : `(hour AT TIME ZONE 'UTC')::text`}, pool_id,
                   key_id, account_id, model, ${USAGE_COUNTERS.join(', ')} FROM ${table}) AS parts
     GROUP BY 1, 2, 3, 4, 5
  )
  (SELECT 'ledger' AS side, * FROM (SELECT * FROM ledger EXCEPT SELECT * FROM summed) AS missing)
  UNION ALL
  (SELECT 'rollup' AS side, * FROM (SELECT * FROM summed EXCEPT SELECT * FROM ledger) AS more)`;

/** Hours and days in which rollups and what waits to be added to them are not what the ledger comes to. */
export async function rollupDifferences(database: DataSource): Promise<object[]> {
  const hours = differing('hour', `(hour AT TIME ZONE 'UTC')::text`, 'usage_hourly');
  const days = differing('day', `date_trunc('day', hour AT TIME ZONE 'UTC')::text`, 'usage_daily');
  return [...(await database.query<object[]>(hours)), ...(await database.query<object[]>(days))];
}

/** A line of a report, by the names of its export. */
export type ReportRow = Readonly<Record<string, string | number | null>>;

/** What a report of all keys by key, model and account has to say, in the order of those. */
export async function reportOfLedger(database: DataSource): Promise<ReportRow[]> {
  const rows = await database.query<ReportRow[]>(`
    SELECT key_id, requested_model AS model, account_id,
           ${USAGE_COUNTERS.map((counter) => `(${countedIn(counter)})::float8 AS ${counter}`).join(', ')}
      FROM ledger_entry GROUP BY 1, 2, 3`);
  return rows.map(({ cost_nano_usd: cost, metered_nano_usd: metered, ...row }) => {
    const total = TOKENS.reduce((sum, name) => sum + Number(row[name]), 0);
    const isUnknown = Number(row['unknown_usage']) > 0 && total === 0;
    const unknown = Object.fromEntries([...TOKENS, 'total_tokens'].map((name) => [name, 'unknown']));
    return {
      ...row,
      total_tokens: total,
      ...(isUnknown ? unknown : {}),
      cost_usd:
        Number(cost) > 0 ? usd(cost) : isUnknown ? 'unknown' : Number(row['unpriced']) > 0 ? 'unpriced' : usd(0),
      metered_usd: usd(metered),
    };
  });
}

const usd = (nano: string | number | null | undefined): string => usdOf(BigInt(nano ?? 0));

const TOKENS = ['input_uncached', 'input_cached', 'cache_write', 'output', 'reasoning'];
