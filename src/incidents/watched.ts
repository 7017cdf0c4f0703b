import type { LimitStatus, RecentOutcomes } from '../accounting/index.js';
import type { KeyId, PoolId } from '../core/index.js';
import type { AccountState } from '../upstream/index.js';

export interface WatchedPool {
  readonly id: PoolId;
  readonly slug: string;
}

export interface WatchedKey {
  readonly id: KeyId;
  readonly label: string;
  readonly poolId: PoolId;
}

export interface WatchedLimit {
  readonly scope: 'key' | 'pool';
  readonly id: string;
  readonly status: LimitStatus;
  readonly warnPercent?: number;
}

export interface WatchedJob {
  readonly job: string;
  readonly isFailing: boolean;
  readonly startedAtMs: number;
  readonly lastSuccessAtMs?: number;
  readonly errorCode?: string;
  readonly failures: number;
}

/** All that rules look at: what was written down of one moment. Times are Unix times in milliseconds. */
export interface Watched {
  readonly nowMs: number;
  /** Those that serve. */
  readonly pools: readonly WatchedPool[];
  readonly keys: readonly WatchedKey[];
  readonly accounts: readonly AccountState[];
  readonly limits: readonly WatchedLimit[];
  /** By how many minutes back. */
  readonly outcomes: ReadonlyMap<number, readonly RecentOutcomes[]>;
  /** Done for all, not for one account. */
  readonly jobs: readonly WatchedJob[];
  readonly refreshMarginMs: number;
}
