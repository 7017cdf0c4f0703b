import type { AccountStatus, RefreshState } from '../upstream-account.entity.js';

/** How long the login server may take. */
export const PROVIDER_MS = 30_000;
/** How long a process may take for everything beside: whoever claimed a refresh longer ago is not there any more. */
const SLACK_MS = 20_000;

/** An account's row, as far as refreshing its tokens is concerned. */
export interface RefreshRow {
  readonly kind: string;
  readonly status: AccountStatus;
  readonly status_reason: string | null;
  readonly external_account_id: string | null;
  readonly credential_epoch: string;
  readonly access_token: Buffer;
  /** Sealed anew whenever it is stored: its bytes say which one it is, and nobody else's are the same. */
  readonly refresh_token: Buffer | null;
  readonly refresh_state: RefreshState;
  readonly refresh_started_at: Date | null;
  readonly refresh_failures: number;
  readonly refresh_answers_lost: number;
  /** In flight for too long. By the database's clock, the only one that all processes share. */
  readonly abandoned: boolean;
}

const ABANDONED = `
  refresh_state = 'in_flight'
  AND coalesce(refresh_started_at, '-infinity') < clock_timestamp() - interval '${PROVIDER_MS + SLACK_MS} ms'`;

export const READ = `
  SELECT kind, status, status_reason, external_account_id, credential_epoch, access_token, refresh_token, refresh_state,
         date_trunc('milliseconds', refresh_started_at) AS refresh_started_at, refresh_failures, refresh_answers_lost,
         (${ABANDONED}) AS abandoned
    FROM upstream_account WHERE id = $1`;

export const LIST_ABANDONED = `
  SELECT id FROM upstream_account WHERE ${ABANDONED} AND status NOT IN ('login_required', 'deleted')`;

/** What a new set of tokens makes of all that was known of refreshing the old one. */
const UNTRIED = `
  refresh_state = 'idle', refresh_started_at = NULL, refresh_failures = 0, refresh_not_before = NULL,
  refresh_answers_lost = 0`;

/** Each of the statements below changes nothing once somebody else has changed what it is about. */
const SAME_TOKEN = `id = $1 AND refresh_token = $2 AND status NOT IN ('login_required', 'deleted')`;

/** Parameters: id, refresh token, state and start and lost answers as they were read, lost answers from now on. */
export const CLAIM = `
  UPDATE upstream_account
     SET refresh_state = 'in_flight', refresh_started_at = date_trunc('milliseconds', clock_timestamp()),
         refresh_answers_lost = $6, updated_at = now()
   WHERE ${SAME_TOKEN} AND refresh_state = $3
     AND date_trunc('milliseconds', refresh_started_at) IS NOT DISTINCT FROM $4::timestamptz
     AND refresh_answers_lost = $5
  RETURNING refresh_started_at`;

/**
 * Parameters: id, refresh token that was spent for them, access token, refresh token, id token, plan, end, issue.
 * A failure that was seen with the old credentials is over, so the cooldown it caused is too.
 */
export const SAVE = `
  UPDATE upstream_account
     SET access_token = $3, refresh_token = $4, id_token = coalesce($5, id_token), plan = coalesce($6, plan),
         access_token_expires_at = $7, access_token_issued_at = coalesce($8, now()),
         credential_epoch = credential_epoch + 1, ${UNTRIED},
         cooling_until = CASE WHEN cooling_reason = 'upstream_account_rejected' THEN NULL ELSE cooling_until END,
         cooling_reason = CASE WHEN cooling_reason = 'upstream_account_rejected' THEN NULL ELSE cooling_reason END,
         last_refreshed_at = now(), updated_at = now()
   WHERE ${SAME_TOKEN}
  RETURNING credential_epoch`;

/** Parameters: id, refresh token, start of the claim, state, lost answers, wait until the next try in milliseconds. */
export const SET_BACK = `
  UPDATE upstream_account
     SET refresh_state = $4, refresh_started_at = NULL, refresh_answers_lost = $5,
         refresh_failures = refresh_failures + 1,
         refresh_not_before = clock_timestamp() + $6::float8 * interval '1 ms', updated_at = now()
   WHERE ${SAME_TOKEN} AND refresh_state = 'in_flight'
     AND date_trunc('milliseconds', refresh_started_at) IS NOT DISTINCT FROM $3::timestamptz`;

/** Parameters: id, refresh token or null, reason, status. */
export const END = `
  UPDATE upstream_account
     SET status = $4, status_reason = $3, refresh_state = 'failed', refresh_started_at = NULL,
         updated_at = now()
   WHERE id = $1 AND refresh_token IS NOT DISTINCT FROM $2 AND status NOT IN ('login_required', 'deleted')`;
