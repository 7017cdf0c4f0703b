/** How a Pool orders the accounts that may serve a call. What each means: docs/routing.md. */
export const ROUTING_STRATEGIES = [
  'balanced',
  'bridge_ring',
  'deterministic_rotation',
  'least_recent_success',
  'quota_first',
  'soonest_reset',
  'priority',
] as const;

export type RoutingStrategy = (typeof ROUTING_STRATEGIES)[number];

/** Whether an account of whose quota nothing is known may serve: last of all, or not at all. */
export const EVIDENCE_POLICIES = ['optimistic', 'strict'] as const;

export type EvidencePolicy = (typeof EVIDENCE_POLICIES)[number];

/** What a Pool says about the choice of accounts. */
export interface RoutingPolicy {
  readonly strategy: RoutingStrategy;
  readonly evidence: EvidencePolicy;
  /** How many accounts one call may be sent to, at least 1; absent: all that may serve it. */
  readonly ringSize?: number;
  /** Whether calls with one prompt cache key go to one account where nothing speaks against it. */
  readonly cacheLocality: boolean;
  /**
   * Whether a session may go on with another account when its own cannot serve: without the reasoning that only the old
   * one can read. False: such a call is refused, with what the client can do about it.
   */
  readonly sessionMoves: boolean;
  /** Calls of the Pool that may run at once, over all replicas; absent: no limit of its own. */
  readonly maxConcurrent?: number;
}

export const DEFAULT_ROUTING: RoutingPolicy = {
  strategy: 'balanced',
  evidence: 'optimistic',
  cacheLocality: true,
  sessionMoves: true,
};
