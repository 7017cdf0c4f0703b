import type { AccountEvidence } from './account-evidence.js';
import { windowKey } from './observed-window.js';

const ms = (column: string): string => `round(extract(epoch FROM ${column}) * 1000)`;

/** SQL for what is believed of an account's windows, as JSON. @param account an expression for its id */
export const windowsOf = (account: string, where = 'true'): string => `
  (SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
            'limitId', w.limit_id, 'windowMinutes', w.window_minutes, 'usedPercent', w.used_percent,
            'resetsAtMs', ${ms('w.resets_at')}, 'observedAtMs', ${ms('w.observed_at')}, 'source', w.source,
            'credentialEpoch', w.credential_epoch, 'heldSinceMs', ${ms('w.held_since')},
            'heldAtMs', ${ms('w.held_at')}, 'settledMs', ${ms('w.settled_at')},
            'doubt', CASE WHEN w.doubted_since IS NOT NULL THEN json_build_object(
              'usedPercent', w.doubted_percent, 'resetsAtMs', ${ms('w.doubted_resets_at')},
              'sinceMs', ${ms('w.doubted_since')}, 'source', w.doubted_source) END)) ORDER BY w.limit_id, w.window_minutes), '[]')
     FROM account_quota_window w WHERE w.account_id = ${account} AND ${where})`;

/** SQL for what is known of an account's meters, as JSON. @param account an expression for its id */
export const metersOf = (account: string): string => `
  (SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
            'limitId', m.limit_id, 'name', m.name, 'allowed', m.allowed, 'limitReached', m.limit_reached,
            'resetsAtMs', ${ms('m.resets_at')}, 'observedAtMs', ${ms('m.observed_at')}, 'source', m.source,
            'completeAtMs', ${ms('m.complete_at')}, 'credentialEpoch', m.credential_epoch,
            'creditsObservedAtMs', ${ms('m.credits_observed_at')},
            'credits', CASE WHEN m.credits_observed_at IS NOT NULL THEN json_build_object(
              'available', m.credits_available, 'unlimited', m.credits_unlimited) END)) ORDER BY m.limit_id), '[]')
     FROM account_meter m WHERE m.account_id = ${account})`;

/** Two processes that learn of one account at once take turns. Not by the account's row: a refresh holds that for long. */
export const TAKE_TURNS = `SELECT pg_advisory_xact_lock(hashtextextended('account quota ' || $1::text, 0))`;

export const SELECT_EVIDENCE = `
  SELECT ${windowsOf('a.id')} AS windows, ${metersOf('a.id')} AS meters FROM upstream_account a WHERE a.id = $1`;

const at = (name: string): string => `to_timestamp(${name}::float8 / 1000)`;

/** Parameters: account, windows, as JSON. */
const SAVE_WINDOWS = `
  INSERT INTO account_quota_window (account_id, limit_id, window_minutes, used_percent, resets_at, observed_at, source,
                                    credential_epoch, held_since, held_at, settled_at, doubted_percent,
                                    doubted_resets_at, doubted_since, doubted_source)
  SELECT $1, "limitId", "windowMinutes", "usedPercent", ${at('"resetsAtMs"')}, ${at('"observedAtMs"')}, source,
         coalesce("credentialEpoch", 0), ${at('"heldSinceMs"')}, ${at('"heldAtMs"')}, ${at('"settledMs"')},
         (doubt ->> 'usedPercent')::real, ${at(`(doubt ->> 'resetsAtMs')`)}, ${at(`(doubt ->> 'sinceMs')`)},
         doubt ->> 'source'
    FROM jsonb_to_recordset($2::jsonb) AS w ("limitId" text, "windowMinutes" integer, "usedPercent" real,
         "resetsAtMs" bigint, "observedAtMs" bigint, source text, "credentialEpoch" bigint, "heldSinceMs" bigint,
         "heldAtMs" bigint, "settledMs" bigint, doubt jsonb)
  ON CONFLICT ON CONSTRAINT account_quota_window_pk DO UPDATE
     SET used_percent = excluded.used_percent, resets_at = excluded.resets_at, observed_at = excluded.observed_at,
         source = excluded.source, credential_epoch = excluded.credential_epoch, held_since = excluded.held_since,
         held_at = excluded.held_at, settled_at = excluded.settled_at, doubted_percent = excluded.doubted_percent,
         doubted_resets_at = excluded.doubted_resets_at, doubted_since = excluded.doubted_since,
         doubted_source = excluded.doubted_source`;

/** Parameters: account, keys as `windowKey` makes them. */
const DROP_WINDOWS = `
  DELETE FROM account_quota_window WHERE account_id = $1 AND limit_id || ' ' || window_minutes = ANY($2)`;

/** Parameters: account, meters, as JSON. */
const SAVE_METERS = `
  INSERT INTO account_meter (account_id, limit_id, name, allowed, limit_reached, resets_at, credits_available,
                             credits_unlimited, credits_observed_at, complete_at, observed_at, source, credential_epoch)
  SELECT $1, "limitId", name, allowed, "limitReached", ${at('"resetsAtMs"')}, (credits ->> 'available')::boolean,
         (credits ->> 'unlimited')::boolean, ${at('"creditsObservedAtMs"')}, ${at('"completeAtMs"')},
         ${at('"observedAtMs"')}, source, coalesce("credentialEpoch", 0)
    FROM jsonb_to_recordset($2::jsonb) AS m ("limitId" text, name text, allowed boolean, "limitReached" boolean,
         "resetsAtMs" bigint, credits jsonb, "creditsObservedAtMs" bigint, "completeAtMs" bigint,
         "observedAtMs" bigint, source text, "credentialEpoch" bigint)
  ON CONFLICT ON CONSTRAINT account_meter_pk DO UPDATE
     SET name = excluded.name, allowed = excluded.allowed, limit_reached = excluded.limit_reached,
         resets_at = excluded.resets_at, credits_available = excluded.credits_available,
         credits_unlimited = excluded.credits_unlimited, credits_observed_at = excluded.credits_observed_at,
         complete_at = excluded.complete_at, observed_at = excluded.observed_at, source = excluded.source,
         credential_epoch = excluded.credential_epoch`;

/** What it takes to have `next` in the database where `known` is now. */
export function changes(
  known: AccountEvidence,
  next: AccountEvidence,
): readonly (readonly [sql: string, what: unknown])[] {
  const windows = next.windows.filter((window) => !known.windows.includes(window));
  const meters = next.meters.filter((meter) => !known.meters.includes(meter));
  const left = new Set(next.windows.map(windowKey));
  const gone = known.windows.map(windowKey).filter((key) => !left.has(key));
  return [
    ...(gone.length > 0 ? [[DROP_WINDOWS, gone] as const] : []),
    ...(windows.length > 0 ? [[SAVE_WINDOWS, JSON.stringify(windows)] as const] : []),
    ...(meters.length > 0 ? [[SAVE_METERS, JSON.stringify(meters)] as const] : []),
  ];
}
