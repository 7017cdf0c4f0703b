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
  /** What the call goes on from is with another account. */
  'bound_elsewhere',
] as const;

export type ExclusionReason = (typeof EXCLUSION_REASONS)[number];

/** What a reason rests on. Codes, numbers and times, never text of a provider. */
export interface Evidence {
  /** Where it came from: a source of quota evidence, an error code, a circuit's reason. */
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
  /** Unix time in milliseconds at which the reason ends by itself; absent when it does not, or nobody can say when. */
  readonly clearsAtMs?: number;
  readonly evidence?: Evidence;
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

/** What became of a call's choice of accounts, and why. */
export interface Decision {
  readonly strategy: RoutingStrategy;
  readonly evidence: EvidencePolicy;
  readonly atMs: number;
  /** Best first; at most as many as the Pool's ring has. */
  readonly candidates: readonly Candidate[];
  /** Everybody else, in the order of the snapshot. */
  readonly exclusions: readonly Exclusion[];
  readonly pin?: Pin;
  /** Whether accounts other than the one that the call is bound to could serve it, were it not bound. */
  readonly elsewhere: boolean;
}
