import { USAGE_COUNTERS, type UsageCounter } from '../rollups/usage-counters.js';
import { LEDGER_DIMENSIONS } from '../usage-delta-sql.js';

/** Batches of all replays follow each other, so that each sees what the one before has written. */
export const LOCK_REPLAYS = `SELECT pg_advisory_xact_lock(hashtextextended('cost_correction', 0))`;

/**
 * Calls with usage that was reported, or that we counted, in the order of their ids, with their cost as it is now. What
 * the sweeper guesses is left alone: the call's own settlement may yet take its place. `$1` and `$2` the ids between which
 * they lie, `$3` and `$4` when they came, `$5` their Pool or null, `$6` how many.
 */
export const COSTED_CALLS = `
  SELECT call_id AS "callId", coalesce(model, requested_model) AS model, service_tier AS "serviceTier",
         input_uncached AS "inputUncached", input_cached AS "inputCached", cache_write AS "cacheWrite", output, reasoning,
         estimated_input AS "estimatedInput", estimated_output AS "estimatedOutput",
         coalesce(newest.cost_status, ledger_entry.cost_status) AS "costStatus",
         CASE WHEN newest.cost_status IS NULL THEN ledger_entry.cost_nano_usd ELSE newest.cost_nano_usd
          END AS "costNanoUsd"
    FROM ledger_entry
    LEFT JOIN LATERAL (SELECT cost_status, cost_nano_usd FROM cost_correction
                        WHERE cost_correction.call_id = ledger_entry.call_id ORDER BY id DESC LIMIT 1) AS newest ON true
   WHERE ledger_entry.call_id > $1 AND ledger_entry.call_id < $2 AND received_at >= $3 AND received_at < $4
     AND ($5::uuid IS NULL OR pool_id = $5)
     AND (usage_known OR estimated_input IS NOT NULL) AND settled_by <> 'sweeper'
   ORDER BY ledger_entry.call_id
   LIMIT $6`;

/**
 * Whether there are calls whose ids say nothing about their time, as older gateways gave them; they lie in the default
 * partition. `$1` and `$2` when they came, `$3` and `$4` the ids between which all others of that time lie.
 */
export const ARE_UNTIMED = `
  SELECT EXISTS (SELECT FROM ledger_entry_default
                  WHERE received_at >= $1 AND received_at < $2 AND (call_id <= $3 OR call_id >= $4)) AS "areUntimed"`;

const by = (condition: (status: string) => string): string =>
  `sum((${condition('new_status')})::int - (${condition('old_status')})::int)`;
const MORE = 'coalesce(new_nano_usd, 0) - coalesce(old_nano_usd, 0)';

/** A price moves no tokens and no calls. */
const SUMS: Readonly<Partial<Record<UsageCounter, string>>> = {
  unknown_usage: by((status) => `NOT usage_known AND ${status} <> 'none'`),
  unpriced: by((status) => `${status} = 'unpriced'`),
  cost_nano_usd: `sum(${MORE})`,
  metered_nano_usd: `coalesce(sum(${MORE}) FILTER (WHERE metered), 0)`,
};

/** `$1` changes as JSON, `$2` the replay, `$3` the ids of their calls. */
export const WRITE_CORRECTIONS = `
  WITH change AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS change(call_id uuid, new_status text, new_nano_usd bigint,
                                                          price_version text, old_status text, old_nano_usd bigint)),
  corrected AS (
    INSERT INTO cost_correction (call_id, replay_id, price_version, cost_status, cost_nano_usd, previous_nano_usd)
    SELECT call_id, $2, price_version, new_status, new_nano_usd, old_nano_usd FROM change ORDER BY call_id
    RETURNING call_id)
  INSERT INTO usage_delta (hour, pool_id, key_id, account_id, model, ${USAGE_COUNTERS.join(', ')})
  SELECT ${LEDGER_DIMENSIONS}, ${USAGE_COUNTERS.map((counter) => SUMS[counter] ?? '0').join(', ')}
    FROM ledger_entry
    JOIN (SELECT call_id, new_status, new_nano_usd, old_status, old_nano_usd FROM change JOIN corrected USING (call_id))
         AS written USING (call_id)
   WHERE call_id = ANY($3::uuid[])
   GROUP BY 1, 2, 3, 4, 5`;
