import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId, PoolId } from '../core/index.js';
import { within } from '../platform/database/index.js';
import { AccountChanges } from './account-changes.service.js';
import type { AccountSnapshot } from './account-snapshot.js';
import type { AccountMeter } from './quota/account-meter.js';
import { metersOf, windowsOf } from './quota/evidence-sql.js';
import type { ObservedWindow } from './quota/observed-window.js';
import { laneJson, storedLaneOf, type LaneJson, type StoredLane } from './health/stored-lane.js';
import { Recent } from './recent.js';
import { unreadable } from './unreadable.js';

/** What the database knows of an account that may serve a Pool. */
export interface AccountRow extends Omit<
  AccountSnapshot,
  'openExchanges' | 'operations' | 'metered' | 'pulse' | 'lanes' | 'maxConcurrent'
> {
  /** Absent: as many as the installation allows each account. */
  readonly maxConcurrent?: number;
  /** Unix time in milliseconds; absent: never. */
  readonly lastSuccessAtMs?: number;
  readonly storedLanes: readonly StoredLane[];
}

interface Selected {
  readonly id: AccountId;
  readonly label: string;
  readonly kind: string;
  readonly status: AccountSnapshot['status'];
  readonly priority: number;
  readonly max_concurrent: number | null;
  readonly last_success_at: Date | null;
  readonly created_at: Date;
  readonly credential_epoch: string;
  readonly access_token_expires_at: Date | null;
  readonly cooling_until: Date | null;
  readonly cooling_reason: string | null;
  readonly cooling_since: Date | null;
  readonly lanes: readonly LaneJson[];
  readonly catalog_known: boolean;
  readonly slugs: readonly string[];
  readonly windows: readonly ObservedWindow[];
  readonly meters: readonly AccountMeter[];
}

const FRESH_MS = 1_000;
/** While the database cannot be asked, calls go on with what was known; they fail soon enough without it. */
const STALE_MS = 30_000;
/** A database that takes longer cannot be asked. */
const LOAD_MS = 2_000;

const SELECT = `
  SELECT a.id, a.label, a.kind, CASE WHEN p.status = 'paused' AND a.status <> 'login_required' THEN 'paused' ELSE a.status END AS status,
         p.priority, a.max_concurrent, a.last_success_at, a.created_at, a.credential_epoch, a.access_token_expires_at, a.cooling_until, a.cooling_reason, a.cooling_since, a.catalog_refreshed_at IS NOT NULL AS catalog_known,
         ARRAY(SELECT lower(m.slug) FROM account_model m WHERE m.account_id = a.id) AS slugs,
         ${windowsOf('a.id', 'w.resets_at > now()')} AS windows, ${metersOf('a.id')} AS meters,
         ARRAY(SELECT ${laneJson('l')} FROM account_lane l WHERE l.account_id = a.id) AS lanes
    FROM pool_account p JOIN upstream_account a ON a.id = p.account_id
   WHERE p.pool_id = $1 AND a.status <> 'deleted'
   ORDER BY a.created_at, a.id`;

/** The account rows of each Pool, at most a second old, read once for everybody who asks at the same time. */
@Injectable()
export class AccountRows {
  private readonly recent = new Recent((poolId: PoolId) => this.load(poolId), { freshMs: FRESH_MS, staleMs: STALE_MS });

  constructor(
    private readonly dataSource: DataSource,
    changes: AccountChanges,
  ) {
    changes.listen(() => this.recent.expire());
  }

  /** @throws GatewayError `settings_unavailable` when nothing young enough is known */
  of(poolId: PoolId, nowMs: number): Promise<readonly AccountRow[]> {
    return this.recent.get(poolId, nowMs);
  }

  private async load(poolId: PoolId): Promise<readonly AccountRow[]> {
    const rows = await within(LOAD_MS, this.dataSource.query<Selected[]>(SELECT, [poolId])).catch(unreadable);
    return rows.map((row) => ({
      id: row.id,
      label: row.label,
      kind: row.kind,
      status: row.status,
      priority: row.priority,
      createdAtMs: row.created_at.getTime(),
      ...(row.max_concurrent === null ? {} : { maxConcurrent: row.max_concurrent }),
      ...(row.last_success_at ? { lastSuccessAtMs: row.last_success_at.getTime() } : {}),
      credentialEpoch: Number(row.credential_epoch),
      ...(row.access_token_expires_at ? { accessTokenExpiresAtMs: row.access_token_expires_at.getTime() } : {}),
      models: row.catalog_known ? new Set(row.slugs) : undefined,
      windows: row.windows,
      meters: row.meters,
      coolingUntilMs: row.cooling_until?.getTime() ?? 0,
      ...(row.cooling_reason === null ? {} : { coolingReason: row.cooling_reason }),
      ...(row.cooling_since ? { coolingSinceMs: row.cooling_since.getTime() } : {}),
      storedLanes: row.lanes.map(storedLaneOf),
    }));
  }
}
