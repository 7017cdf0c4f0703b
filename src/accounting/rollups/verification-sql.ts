import { LEDGER_SUMS } from '../usage-delta-sql.js';
import { addedTo, eachCounter, NO_ACCOUNT_ID, rollupColumns, USAGE_COUNTERS, type Rollup } from './usage-counters.js';

/** The ledger with each call's cost as it was corrected last. */
const LEDGER = `
  SELECT received_at, pool_id, key_id, account_id, requested_model, outcome, usage_known, input_uncached, input_cached,
         cache_write, output, reasoning, estimated_input, estimated_output, metered,
         coalesce(corrected.cost_status, ledger_entry.cost_status) AS cost_status,
         CASE WHEN corrected.cost_status IS NULL THEN ledger_entry.cost_nano_usd
              ELSE corrected.cost_nano_usd END AS cost_nano_usd
    FROM ledger_entry
    LEFT JOIN LATERAL (SELECT cost_status, cost_nano_usd FROM cost_correction
                        WHERE cost_correction.call_id = ledger_entry.call_id ORDER BY id DESC LIMIT 1) AS corrected ON true`;

const ledgerTime = ({ time }: Rollup): string =>
  time === 'day' ? `(received_at AT TIME ZONE 'UTC')::date` : `date_trunc('hour', received_at, 'UTC')`;
const MIDNIGHT = `($1::date::timestamp AT TIME ZONE 'UTC')`;
const NEXT_MIDNIGHT = `(($1::date + 1)::timestamp AT TIME ZONE 'UTC')`;
const bounds = ({ time }: Rollup): string =>
  time === 'day' ? `day >= $1::date AND day < $1::date + 1` : `hour >= ${MIDNIGHT} AND hour < ${NEXT_MIDNIGHT}`;

/**
 * One day of a rollup, with its deltas, against the ledger; what it lacks or has too much is added. `$1` is the day. One
 * statement sees one moment, at which both must be equal, whatever is being settled or rolled up beside it.
 */
export const verified = (rollup: Rollup): string => `
  WITH counted AS (
    SELECT ${ledgerTime(rollup)} AS ${rollup.time}, pool_id, key_id, account_id,
           coalesce(requested_model, '') AS model,
           ${eachCounter((name) => `${LEDGER_SUMS[name]} AS ${name}`)}
      FROM (${LEDGER}) AS corrected
     WHERE received_at >= ${MIDNIGHT} AND received_at < ${NEXT_MIDNIGHT}
     GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT ${rollup.ofDelta}, pool_id, key_id, account_id, model, ${eachCounter((name) => `-${name}`)}
      FROM usage_delta WHERE hour >= ${MIDNIGHT} AND hour < ${NEXT_MIDNIGHT}
    UNION ALL
    SELECT ${rollup.time}, pool_id, key_id, account_id, model, ${eachCounter((name) => `-${name}`)}
      FROM ${rollup.table} WHERE ${bounds(rollup)}),
  difference AS MATERIALIZED (
    SELECT ${rollup.time}, pool_id, key_id, coalesce(account_id, '${NO_ACCOUNT_ID}') AS account_id, model,
           ${eachCounter((name) => `sum(${name})::bigint AS ${name}`)}
      FROM counted GROUP BY 1, 2, 3, 4, 5
    HAVING ${USAGE_COUNTERS.map((name) => `sum(${name}) <> 0`).join(' OR ')}
     ORDER BY 1, 2, 3, 4, 5),
  repaired AS (
    INSERT INTO ${rollup.table} (${rollupColumns(rollup)}) SELECT * FROM difference ORDER BY 1, 2, 3, 4, 5
    ${addedTo(rollup)})
  SELECT count(*)::float8 AS rows, ${eachCounter((name) => `coalesce(sum(abs(${name})), 0)::float8 AS ${name}`)}
    FROM difference`;

/** Finished days that nobody has verified yet, oldest first. `$1`: today; `$2`: how many days before it are looked at. */
export const DUE_DAYS = `
  SELECT series.day::date::text AS day
    FROM generate_series($1::date - $2::int, $1::date - 1, interval '1 day') AS series(day)
   WHERE NOT EXISTS (SELECT FROM rollup_verification WHERE rollup_verification.day = series.day::date)
   ORDER BY 1`;

export const NOTE_VERIFIED = `
  INSERT INTO rollup_verification (day, verified_at, repaired_rows) VALUES ($1, now(), $2)
      ON CONFLICT (day) DO UPDATE
     SET verified_at = excluded.verified_at,
         repaired_rows = rollup_verification.repaired_rows + excluded.repaired_rows`;

export const VERIFIED_DAYS = `
  SELECT count(*)::int AS days FROM rollup_verification WHERE day >= $1::date AND day < $2::date`;
