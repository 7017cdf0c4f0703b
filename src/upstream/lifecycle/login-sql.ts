import type { AccountId } from '../../core/index.js';
import type { AccountStatus } from '../upstream-account.entity.js';
import type { Identity } from './login-slot.js';

/** An account, its row locked, with all that a login replaces. */
export interface HeldLogin extends Identity {
  readonly id: AccountId;
  readonly status: AccountStatus;
  readonly status_reason: string | null;
  readonly label: string;
  readonly plan: string | null;
  readonly seat_type: string | null;
  readonly access_token: Buffer | null;
  readonly refresh_token: Buffer | null;
  readonly id_token: Buffer | null;
  readonly access_token_expires_at: Date | null;
  readonly access_token_issued_at: Date | null;
  readonly import_digest: Buffer | null;
  readonly credential_epoch: string;
  /** The login was taken over before; what has become of it since is newer. */
  readonly known: boolean;
  /** Its refresh token is with the provider: what was here before will not be what it is when the answer comes. */
  readonly refreshing: boolean | null;
}

/** Logins that come in take turns: two of the same identity must not both find the slot empty. */
export const TAKE_TURNS = `SELECT pg_advisory_xact_lock(hashtextextended('codex-pooler upstream import', 0))`;

/** `$1`: digest of a login. */
const HELD = `
  SELECT id, status, status_reason, label, plan, seat_type, external_account_id, external_user_id, external_workspace_id,
         access_token, refresh_token, id_token, access_token_expires_at, access_token_issued_at, import_digest,
         credential_epoch, refresh_state = 'in_flight' AND refresh_started_at > now() - interval '50 s' AS refreshing,
         coalesce(import_digest = $1, false) OR $1 = ANY(past_digests) AS known
    FROM upstream_account`;

export const FIND_BY_IDENTITY = `${HELD}
   WHERE kind = $2 AND external_account_id IS NOT DISTINCT FROM $3 AND external_user_id IS NOT DISTINCT FROM $4
     AND status <> 'deleted'
   ORDER BY created_at, id
     FOR UPDATE`;

export const FIND_BY_ID = `${HELD} WHERE id = $2 FOR UPDATE`;

/** A login that was refused when it came: `$1` digest, `$2` kind. */
export const FIND_REFUSED = `
  SELECT status_reason AS reason
    FROM upstream_account
   WHERE kind = $2 AND import_digest = $1 AND status = 'deleted' AND status_reason IS NOT NULL
   LIMIT 1`;

/** What comes with a login: `$1` the account's id, `$2` label, then plan, seat, workspace, tokens, their end and issue, digest. */
export const INSERT = `
  INSERT INTO upstream_account (id, label, plan, seat_type, external_workspace_id, access_token, refresh_token, id_token,
                                access_token_expires_at, access_token_issued_at, import_digest, status, kind,
                                external_account_id, external_user_id, credential_epoch)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1)`;

/** How many logins of before an account knows again. */
const PAST_LOGINS = 20;

/** What is known of refreshing is known of the tokens that were there. */
const UNTRIED = `
  refresh_state = 'idle', refresh_started_at = NULL, refresh_failures = 0, refresh_not_before = NULL,
  refresh_answers_lost = 0`;

/** Parameters as INSERT's, `$12` status. What is not told of stays. */
export const REPLACE = `
  UPDATE upstream_account
     SET label = $2, plan = coalesce($3, plan), seat_type = coalesce($4, seat_type),
         external_workspace_id = coalesce($5, external_workspace_id), access_token = $6, refresh_token = $7, id_token = $8,
         access_token_expires_at = $9, access_token_issued_at = $10, import_digest = $11, status = $12,
         status_reason = NULL, past_digests = (array_remove(import_digest || past_digests, NULL))[1:${PAST_LOGINS}],
         cooling_until = NULL, cooling_reason = NULL, cooling_since = NULL, ${UNTRIED}, credential_epoch = credential_epoch + 1,
         updated_at = now()
   WHERE id = $1
  RETURNING credential_epoch`;

/** A login that is there already may still tell more than it did: `$2` label, `$3` seat, `$4` workspace. */
export const DESCRIBE = `
  UPDATE upstream_account
     SET label = $2, seat_type = coalesce($3, seat_type), external_workspace_id = coalesce(external_workspace_id, $4),
         updated_at = now()
   WHERE id = $1`;

/**
 * Back to the tokens of before. Parameters as INSERT's, `$12` status, `$13` its reason, `$14` digest of the login that came
 * to nothing: it is known from now on.
 */
export const RESTORE = `
  UPDATE upstream_account
     SET label = $2, plan = $3, seat_type = $4, external_workspace_id = $5, access_token = $6, refresh_token = $7,
         id_token = $8, access_token_expires_at = $9, access_token_issued_at = $10, import_digest = $11, status = $12,
         status_reason = $13, past_digests = $14::bytea || past_digests, ${UNTRIED},
         credential_epoch = credential_epoch + 1, updated_at = now()
   WHERE id = $1`;

/** Its secrets go, the row stays for those that name it. `$2` status. */
export const WIPE = `
  UPDATE upstream_account
     SET status = $2, access_token = NULL, refresh_token = NULL, id_token = NULL, access_token_expires_at = NULL,
         cooling_until = NULL, cooling_reason = NULL, cooling_since = NULL, ${UNTRIED}, credential_epoch = credential_epoch + 1,
         updated_at = now()
   WHERE id = $1`;

/** The same file may come again one day: whether it is any good is found out then. */
export const FORGET_LOGINS = `
  UPDATE upstream_account SET import_digest = NULL, past_digests = '{}', status_reason = NULL WHERE id = $1`;
