/**
 * What a token that nobody has a price for is taken to cost, in nano-USD; only the proportions matter. They are those
 * that the models of Codex have in common: output costs eight times as much as input, cached input a tenth.
 */
const USUAL = { input: 1_250, cached: 125, output: 10_000 } as const;

const usualCost = `
  ${USUAL.input} * (coalesce(u.input_uncached, 0) + coalesce(u.cache_write, 0) + coalesce(u.estimated_input, 0))
  + ${USUAL.cached} * coalesce(u.input_cached, 0)
  + ${USUAL.output} * (coalesce(u.output, 0) + coalesce(u.reasoning, 0) + coalesce(u.estimated_output, 0))`;

const rolledUp = (table: string): string => `
  SELECT p.n, u.model,
         CASE WHEN u.unpriced = 0 AND u.cost_nano_usd <> 0 THEN u.cost_nano_usd ELSE ${usualCost} END AS cost
    FROM piece p JOIN ${table} u ON u.account_id = p."accountId" AND u.hour >= p.from_at AND u.hour < p.to_at
   WHERE p."wholeHours"`;

/** `$1` pieces as JSON. Whole hours from the rollups and what is not rolled up yet, the rest call by call. */
export const ACCOUNT_USAGE = `
  WITH piece AS (
    SELECT n, "accountId", "wholeHours", "idFrom", "idTo", to_timestamp("fromMs"::float8 / 1000) AS from_at,
           to_timestamp("toMs"::float8 / 1000) AS to_at
      FROM jsonb_to_recordset($1::jsonb) AS p (n integer, "accountId" uuid, "wholeHours" boolean, "idFrom" uuid,
                                               "idTo" uuid, "fromMs" bigint, "toMs" bigint)),
  used AS (
    ${rolledUp('usage_hourly')}
    UNION ALL ${rolledUp('usage_delta')}
    UNION ALL
    SELECT p.n, coalesce(u.requested_model, u.model, ''), coalesce(u.cost_nano_usd, ${usualCost})
      FROM piece p
      JOIN ledger_entry u ON u.account_id = p."accountId" AND u.call_id >= p."idFrom" AND u.call_id < p."idTo"
       AND u.received_at >= p.from_at AND u.received_at < p.to_at
     WHERE NOT p."wholeHours")
  SELECT n, model, sum(cost)::float8 / ${USUAL.input} AS weighted FROM used GROUP BY n, model ORDER BY n, model`;

/** `$1` milliseconds: settlements on their way are not older. */
export const OUTBOX_IS_CLEAR = `
  SELECT NOT EXISTS (SELECT FROM settlement_outbox WHERE written_at < now() - $1 * interval '1 ms') AS clear`;
