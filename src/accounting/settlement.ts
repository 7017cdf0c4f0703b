import type { Cost, EstimatedUsage, TokenUsage } from '../core/index.js';
import type { AttemptStart, CallIntent } from './call-intent.js';
import type { MadeDecision } from './decision-record.js';

/** How one try of a call ended. */
export type AttemptOutcome = 'succeeded' | 'failed' | 'cancelled';

/** `rejected`: we refused the call before any account was asked. */
export type CallOutcome = AttemptOutcome | 'rejected';

/** One try against one account, as it ended. */
export interface AttemptResult extends AttemptStart {
  readonly outcome: AttemptOutcome;
  readonly completedAtMs: number;
  readonly firstEventAtMs?: number;
  /** A code of ours, or the provider's own when it is a safe token. */
  readonly errorCode?: string;
  readonly upstreamStatus?: number;
}

/**
 * How a call ended. It repeats what the intent said, so that a call whose intent never reached the database can still be
 * written whole. Metadata only: the outbox keeps it in clear text.
 */
export interface Settlement extends CallIntent {
  readonly outcome: CallOutcome;
  readonly completedAtMs: number;
  readonly firstEventAtMs?: number;
  /** The status that the client saw; absent when it left before there was one. */
  readonly httpStatus?: number;
  readonly error?: { readonly code: string; readonly blame: string };
  /** Absent when the upstream did not say: unknown is not zero. */
  readonly usage?: TokenUsage;
  /** Our own count, where the upstream reported nothing and something of its answer came through. */
  readonly estimate?: EstimatedUsage;
  readonly cost: Cost;
  /** The model that the upstream says it used. */
  readonly actualModel?: string;
  readonly serviceTier?: string;
  /** All of them, in order. */
  readonly attempts: readonly AttemptResult[];
  /** Which accounts could be asked, and why not the others; absent: the call was refused before that was a question. */
  readonly decision?: MadeDecision;
}

/** Who wrote the ledger row: the queue's worker, the process itself without the queue, or the sweeper for a dead one. */
export type SettledBy = 'queue' | 'direct' | 'sweeper';
