import type { AccountId, PoolId } from '../core/index.js';
import { present } from './present.js';
import type { AssignmentStatus } from './pool-account.entity.js';
import type { AccountStatus, RefreshState } from './upstream-account.entity.js';

/** An account's place in a Pool. */
export interface Assignment {
  readonly poolId: PoolId;
  readonly status: AssignmentStatus;
  readonly priority: number;
}

/** An account as its operator sees it. Times are Unix times in milliseconds. */
export interface AccountSummary {
  readonly id: AccountId;
  readonly label: string;
  readonly kind: string;
  readonly plan?: string;
  readonly status: AccountStatus;
  /** A safe token such as `invalid_grant`. */
  readonly statusReason?: string;
  /** As its login says. */
  readonly workspaceId?: string;
  readonly seatType?: string;
  /** The Pools that it serves. */
  readonly poolIds: readonly PoolId[];
  /** Its places in Pools, those where it is paused too. */
  readonly assignments: readonly Assignment[];
  /** Calls at once; absent: as many as the installation allows. */
  readonly maxConcurrent?: number;
  readonly refreshState: RefreshState;
  /** Before this time the worker does not try again. */
  readonly refreshNotBeforeMs?: number;
  readonly lastSuccessAtMs?: number;
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
  readonly external_workspace_id: string | null;
  readonly seat_type: string | null;
  readonly assignments: readonly Assignment[];
  readonly max_concurrent: number | null;
  readonly refresh_state: RefreshState;
  readonly refresh_not_before: Date | null;
  readonly last_success_at: Date | null;
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
         a.last_refreshed_at, CASE WHEN a.cooling_until > now() THEN a.cooling_until END AS cooling_until,
         CASE WHEN a.cooling_until > now() THEN a.cooling_reason END AS cooling_reason, a.catalog_refreshed_at, a.created_at,
         a.external_workspace_id, a.seat_type, a.max_concurrent, a.refresh_state, a.refresh_not_before, a.last_success_at,
         (SELECT coalesce(json_agg(json_build_object('poolId', p.pool_id, 'status', p.status, 'priority', p.priority)
                                   ORDER BY p.created_at, p.pool_id), '[]')
            FROM pool_account p WHERE p.account_id = a.id) AS assignments
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
  poolIds: row.assignments.filter(({ status }) => status === 'active').map(({ poolId }) => poolId),
  assignments: row.assignments,
  refreshState: row.refresh_state,
  credentialEpoch: Number(row.credential_epoch),
  createdAtMs: row.created_at.getTime(),
  ...present({
    plan: row.plan,
    workspaceId: row.external_workspace_id,
    seatType: row.seat_type,
    maxConcurrent: row.max_concurrent,
    refreshNotBeforeMs: row.refresh_not_before?.getTime(),
    lastSuccessAtMs: row.last_success_at?.getTime(),
    statusReason: row.status_reason,
    accessTokenExpiresAtMs: row.access_token_expires_at?.getTime(),
    lastRefreshedAtMs: row.last_refreshed_at?.getTime(),
    coolingUntilMs: row.cooling_until?.getTime(),
    coolingReason: row.cooling_reason,
    catalogRefreshedAtMs: row.catalog_refreshed_at?.getTime(),
  }),
});
