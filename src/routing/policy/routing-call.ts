import type { AccountId, Operation, PoolPolicy, RouteClass } from '../../core/index.js';
import type { AccountSnapshot } from '../../upstream/index.js';
import type { Pin } from '../decision.js';

/** One Pool at a moment: all that a choice among its accounts rests on. */
export interface RoutingSnapshot {
  readonly accounts: readonly AccountSnapshot[];
  readonly pool: Pick<PoolPolicy, 'id' | 'allowUnlistedModels' | 'routing'>;
}

/** A call as the choice among accounts sees it. */
export interface RoutingCall {
  /** As the client named it; `''` for operations without one. */
  readonly model: string;
  readonly operation: Operation;
  readonly routeClass: RouteClass;
  /** What calls that belong together have in common, hex: their session's digest, else their cache key's, else the call's id. */
  readonly seed: string;
  /** Digest of a prompt cache key that more than one session may share, hex; absent: there is none. */
  readonly cacheSeed?: string;
  readonly pin?: Pin;
  /** The accounts that were asked for this call before: they are not asked again, and they count in the ring. */
  readonly tried?: ReadonlySet<AccountId>;
}
