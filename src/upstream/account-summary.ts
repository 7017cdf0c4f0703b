import type { AccountId, PoolId } from '../core/index.js';
import { present } from './present.js';
import type { AccountStatus } from './upstream-account.entity.js';

/** An account as its operator sees it. Times are Unix times in milliseconds. */
export interface AccountSummary {
  readonly id: AccountId;
  readonly label: string;
  readonly kind: string;
  readonly plan?: string;
  readonly status: AccountStatus;
  /** A safe token such as `invalid_grant`. */
  readonly statusReason?: string;
  /** The Pools that it serves. */
  readonly poolIds: readonly PoolId[];
  readonly credentialEpoch: number;
  readonly accessTokenExpiresAtMs?: number;
  readonly lastRefreshedAtMs?: number;
  readonly coolingUntilMs?: number;
  readonly coolingReason?: string;
  readonly catalogRefreshedAtMs?: number;
  readonly createdAtMs: number;
}

export interface ListedAccount {
  readonly id: AccountId;
  readonly label: string;
  readonly kind: string;
  readonly plan: string | null;
  readonly status: AccountStatus;
  readonly status_reason: string | null;
  readonly pool_ids: readonly PoolId[];
  readonly credential_epoch: string;
  readonly access_token_expires_at: Date | null;
  readonly last_refreshed_at: Date | null;
  readonly cooling_until: Date | null;
  readonly cooling_reason: string | null;
  readonly catalog_refreshed_at: Date | null;
  readonly created_at: Date;
}

/** Parameters: Pool, label, id; null for any. */
export const LIST_ACCOUNTS = `
  SELECT a.id, a.label, a.kind, a.plan, a.status, a.status_reason, a.credential_epoch, a.access_token_expires_at,
         a.last_refreshed_at, a.cooling_until, a.cooling_reason, a.catalog_refreshed_at, a.created_at,
         ARRAY(SELECT p.pool_id FROM pool_account p WHERE p.account_id = a.id AND p.status = 'active'
                ORDER BY p.created_at, p.pool_id) AS pool_ids
    FROM upstream_account a
   WHERE a.status <> 'deleted'
     AND ($1::uuid IS NULL OR EXISTS (SELECT FROM pool_account p WHERE p.account_id = a.id AND p.pool_id = $1::uuid))
     AND ($2::text IS NULL OR a.label = $2::text)
     AND ($3::uuid IS NULL OR a.id = $3::uuid)
   ORDER BY a.created_at, a.id`;

export const summaryOf = (row: ListedAccount): AccountSummary => ({
  id: row.id,
  label: row.label,
  kind: row.kind,
  status: row.status,
  poolIds: row.pool_ids,
  credentialEpoch: Number(row.credential_epoch),
  createdAtMs: row.created_at.getTime(),
  ...present({
    plan: row.plan,
    statusReason: row.status_reason,
    accessTokenExpiresAtMs: row.access_token_expires_at?.getTime(),
    lastRefreshedAtMs: row.last_refreshed_at?.getTime(),
    coolingUntilMs: row.cooling_until?.getTime(),
    coolingReason: row.cooling_reason,
    catalogRefreshedAtMs: row.catalog_refreshed_at?.getTime(),
  }),
});
