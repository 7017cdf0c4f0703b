import type { Hold, HoldAnswer } from '../../platform/shared-state/index.js';
import type { ReservationRecord } from '../reservation-record.js';
import type { LimitScope } from './limit-scope.js';

/** A call that wants to come in. */
export interface HeldCall {
  readonly hold: Hold;
  readonly record: ReservationRecord;
}

export type Verdict = Exclude<HoldAnswer, { readonly result: 'cold' }>;

/**
 * Counts calls against limits. One atomic step puts a call into all of its counters, or into none; asked again for a call
 * that is in, it says whether it still may be, and takes it out when it may not.
 */
export interface LimitCounters {
  hold(call: HeldCall, scopes: readonly LimitScope[]): Promise<Verdict>;
}
