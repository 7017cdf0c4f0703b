import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId } from '../core/index.js';
import type { Lane } from './account-snapshot.js';
import type { Assignment } from './account-summary.js';
import { laneJson, laneOf, storedLaneOf, type LaneJson } from './health/stored-lane.js';
import { UpstreamKinds } from './kinds.js';
import { present } from './present.js';
import type { AccountMeter } from './quota/account-meter.js';
import { metersOf, windowsOf } from './quota/evidence-sql.js';
import type { ObservedWindow } from './quota/observed-window.js';
import type { AccountStatus, RefreshState } from './upstream-account.entity.js';

/** All that the database says of an account's health. Times are Unix times in milliseconds. */
export interface AccountState {
  readonly id: AccountId;
  readonly label: string;
  readonly status: AccountStatus;
  /** Its places in Pools, those where it is paused too. */
  readonly assignments: readonly Assignment[];
  /** Its calls are paid for one by one: it has no windows. */
  readonly metered: boolean;
  readonly refreshState: RefreshState;
  /** In a row. */
  readonly refreshFailures: number;
  readonly accessTokenExpiresAtMs?: number;
  readonly coolingUntilMs?: number;
  readonly lastSuccessAtMs?: number;
  /** Absent: what the configuration says. */
  readonly maxConcurrent?: number;
  /** Lower-case; absent while its catalog was never read. */
  readonly models?: readonly string[];
  readonly windows: readonly ObservedWindow[];
  readonly meters: readonly AccountMeter[];
  /** Circuits that are not closed. */
  readonly lanes: readonly Lane[];
}

interface Row {
  readonly id: AccountId;
  readonly label: string;
  readonly kind: string;
  readonly status: AccountStatus;
  readonly assignments: readonly Assignment[];
  readonly refresh_state: RefreshState;
  readonly refresh_failures: number;
  readonly access_token_expires_at: Date | null;
  readonly cooling_until: Date | null;
  readonly last_success_at: Date | null;
  readonly max_concurrent: number | null;
  readonly models: readonly string[] | null;
  readonly windows: readonly ObservedWindow[];
  readonly meters: readonly AccountMeter[];
  readonly lanes: readonly LaneJson[];
}

const SELECT = `
  SELECT a.id, a.label, a.kind, a.status, a.refresh_state, a.refresh_failures, a.access_token_expires_at, a.cooling_until,
         a.last_success_at, a.max_concurrent, ${windowsOf('a.id')} AS windows, ${metersOf('a.id')} AS meters,
         CASE WHEN a.catalog_refreshed_at IS NOT NULL THEN
           (SELECT coalesce(json_agg(lower(m.slug)), '[]') FROM account_model m WHERE m.account_id = a.id) END AS models,
         (SELECT coalesce(json_agg(${laneJson('l')}), '[]') FROM account_lane l
           WHERE l.account_id = a.id AND l.open_until IS NOT NULL) AS lanes,
         (SELECT coalesce(json_agg(json_build_object('poolId', p.pool_id, 'status', p.status, 'priority', p.priority)
                                   ORDER BY p.created_at, p.pool_id), '[]')
            FROM pool_account p WHERE p.account_id = a.id) AS assignments
    FROM upstream_account a
   WHERE a.status <> 'deleted'
   ORDER BY a.created_at, a.id`;

/** The health of all accounts as it is written down, for who watches it from outside. */
@Injectable()
export class AccountStates {
  constructor(
    private readonly dataSource: DataSource,
    private readonly kinds: UpstreamKinds,
  ) {}

  /** @param nowMs Unix time in milliseconds */
  async all(nowMs: number): Promise<readonly AccountState[]> {
    const rows = await this.dataSource.query<Row[]>(SELECT);
    return rows.map(({ id, label, kind, status, assignments, windows, meters, ...row }) => ({
      id,
      label,
      status,
      assignments,
      metered: this.kinds.of(kind).metered ?? false,
      refreshState: row.refresh_state,
      refreshFailures: row.refresh_failures,
      windows,
      meters,
      lanes: row.lanes.map(storedLaneOf).flatMap((lane) => laneOf(lane, lane.circuit, nowMs) ?? []),
      ...present({
        accessTokenExpiresAtMs: row.access_token_expires_at?.getTime(),
        coolingUntilMs: row.cooling_until?.getTime(),
        lastSuccessAtMs: row.last_success_at?.getTime(),
        maxConcurrent: row.max_concurrent ?? undefined,
        models: row.models ?? undefined,
      }),
    }));
  }
}
