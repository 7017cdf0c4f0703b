import type { AccountId, EvidencePolicy, RoutingStrategy } from '../core/index.js';
import type { AccountSnapshot } from '../upstream/index.js';

/**
 * Why an account may not serve a call, in the order in which the rules are asked: the first that holds is told.
 * Stored on the request row, so that "why not this one" has an answer later.
 */
export const EXCLUSION_REASONS = [
  'login_required',
  'paused',
  'draining',
  /** Its kind of upstream knows no such operation. */
  'operation_not_served',
  'model_not_served',
  /** Sits out for all calls, for a reason that is its own. */
  'cooling_down',
  /** Its circuit for this model and class of routes is open, or another call is trying it. */
  'circuit_open',
  'quota_exhausted',
  /** Nothing is known of its quota, and the Pool is strict. */
  'quota_unknown',
  /** It serves as many calls as it may. */
  'saturated',
  /** It was asked for this very call before. */
  'already_asked',
  /** What the call goes on from is with another account. */
  'bound_elsewhere',
] as const;

export type ExclusionReason = (typeof EXCLUSION_REASONS)[number];

/** What a reason rests on. Codes, numbers and times, never text of a provider. */
export interface Evidence {
  /** Where it came from: a source of quota evidence, an error code, a circuit's reason, a part of the account's record. */
  readonly source: string;
  /** When it was learnt, Unix time in milliseconds; absent: it is no observation. */
  readonly observedAtMs?: number;
  /** Of a quota window. */
  readonly limitId?: string;
  readonly windowMinutes?: number;
  readonly usedPercent?: number;
}

export interface Exclusion {
  readonly accountId: AccountId;
  readonly label: string;
  readonly reason: ExclusionReason;
  /** What else speaks against it, in the order of the rules. */
  readonly also: readonly ExclusionReason[];
  /** Unix time in milliseconds at which the reason ends by itself; absent when it does not, or nobody can say when. */
  readonly clearsAtMs?: number;
  /**
   * Unix time in milliseconds from which nothing that is known now speaks against it: the last end of all its reasons. Not
   * later than the decision: it may be any moment. Absent: this call need not wait for it.
   */
  readonly backAtMs?: number;
  readonly evidence: Evidence;
}

/** What a candidate's place rests on; only what its Pool's strategy looked at is there. Lower sorts first. */
export type Scores = Readonly<Record<string, number>>;

export interface Candidate {
  readonly account: AccountSnapshot;
  readonly scores: Scores;
  /** Whether its quota is known to allow the call. */
  readonly quota: 'allow' | 'unknown';
}

/** Why an account is first, or the only one. */
export type PinReason = 'file' | 'socket' | 'anchor' | 'sealed' | 'stored' | 'session';

/** The account that a call goes on with: by preference, or because nobody else can. */
export interface Pin {
  readonly id: AccountId;
  readonly required: boolean;
  readonly reason: PinReason;
}

/** Whether a prompt cache had a say, or why not. */
export type CacheLocality =
  /** The call has no prompt cache key of its own. */
  | 'no_key'
  /** The Pool does not want it. */
  | 'off'
  /** The call goes on with an account anyway. */
  | 'pinned'
  | 'one_account'
  /** Every account is too full, too slow or too broken to be returned to. */
  | 'nobody_fit'
  | 'applied';

/** What became of a call's choice of accounts, and why. */
export interface Decision {
  readonly strategy: RoutingStrategy;
  readonly evidence: EvidencePolicy;
  readonly atMs: number;
  /** Best first; at most as many as the Pool's ring has left for this call. */
  readonly candidates: readonly Candidate[];
  /** They may serve it too, in this order, but the ring ends before them. */
  readonly reserve: readonly Candidate[];
  /** Everybody else, by id. */
  readonly exclusions: readonly Exclusion[];
  readonly pin?: Pin;
  /** Whether accounts other than the one that the call is bound to could serve it, were it not bound. */
  readonly elsewhere: boolean;
  readonly locality: CacheLocality;
  /** How many accounts the call may still be sent to; absent: the Pool has no ring. */
  readonly ringLeft?: number;
}
