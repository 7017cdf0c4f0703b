const at = (name: string): string => `to_timestamp(${name}::float8 / 1000)`;
const ms = (column: string): string => `round(extract(epoch FROM ${column}) * 1000)::float8`;

/** `$1` points as JSON. What is there stays as it is. */
export const ADD_POINTS = `
  INSERT INTO account_reconciliation_point (account_id, limit_id, window_minutes, at, resets_at, used_percent, our_tokens)
  SELECT "accountId", "limitId", "windowMinutes", ${at('"atMs"')}, ${at('"resetsAtMs"')}, "usedPercent", "ourTokens"
    FROM jsonb_to_recordset($1::jsonb)
         AS p ("accountId" uuid, "limitId" text, "windowMinutes" integer, "atMs" bigint, "resetsAtMs" bigint,
               "usedPercent" real, "ourTokens" float8)
   ORDER BY 1, 2, 3, 4
      ON CONFLICT DO NOTHING
  RETURNING 1`;

/** `$1` accounts. */
export const SELECT_POINTS = `
  SELECT account_id AS "accountId", limit_id AS "limitId", window_minutes AS "windowMinutes", ${ms('at')} AS "atMs",
         ${ms('resets_at')} AS "resetsAtMs", used_percent AS "usedPercent", our_tokens AS "ourTokens"
    FROM account_reconciliation_point
   WHERE account_id = ANY($1::uuid[])
   ORDER BY account_id, limit_id, window_minutes, at`;

/** Rates of plans, as far as three accounts or more show them for certain. */
export const SELECT_PLAN_RATES = `
  SELECT plan, limit_id AS "limitId", window_minutes AS "windowMinutes",
         percentile_cont(0.5) WITHIN GROUP (ORDER BY tokens_per_percent) AS "tokensPerPercent"
    FROM account_reconciliation
   WHERE plan IS NOT NULL AND basis = 'own' AND confidence = 'high'
   GROUP BY 1, 2, 3
  HAVING count(*) >= 3`;

const RESULT = `plan, as_of, since, resets_at, used_percent, our_tokens, counted_percent, explained_percent,
  drift_percent, drift_tokens, tokens_per_percent, basis, confidence, points`;

/** `$1` results as JSON. Of two that were made at the same time the one of later evidence stays. */
export const SAVE_RESULTS = `
  INSERT INTO account_reconciliation AS known (account_id, limit_id, window_minutes, ${RESULT})
  SELECT "accountId", "limitId", "windowMinutes", plan, ${at('"asOfMs"')}, ${at('"sinceMs"')}, ${at('"resetsAtMs"')},
         "usedPercent", "ourTokens", "countedPercent", "explainedPercent", "driftPercent", "driftTokens",
         "tokensPerPercent", basis, confidence, points
    FROM jsonb_to_recordset($1::jsonb)
         AS r ("accountId" uuid, "limitId" text, "windowMinutes" integer, plan text, "asOfMs" bigint, "sinceMs" bigint,
               "resetsAtMs" bigint, "usedPercent" real, "ourTokens" float8, "countedPercent" real,
               "explainedPercent" real, "driftPercent" real, "driftTokens" float8, "tokensPerPercent" float8,
               basis text, confidence text, points integer)
   ORDER BY 1, 2, 3
      ON CONFLICT ON CONSTRAINT account_reconciliation_pk DO UPDATE
     SET (${RESULT}) = (
           SELECT excluded.plan, excluded.as_of, excluded.since, excluded.resets_at, excluded.used_percent,
                  excluded.our_tokens, excluded.counted_percent, excluded.explained_percent, excluded.drift_percent,
                  excluded.drift_tokens, excluded.tokens_per_percent, excluded.basis, excluded.confidence,
                  excluded.points)
   WHERE excluded.as_of >= known.as_of`;

/** `$1` Unix time in milliseconds: what is older goes. */
export const FORGET_POINTS = `DELETE FROM account_reconciliation_point WHERE at < ${at('$1')}`;
export const FORGET_RESULTS = `DELETE FROM account_reconciliation WHERE as_of < ${at('$1')}`;
