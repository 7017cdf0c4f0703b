import { ERRORS, type ErrorCode } from '../../core/index.js';
import { count } from '../../platform/metrics/index.js';
import type { Circuit } from './circuit.js';
import type { LaneKey } from './lane-key.js';

/** A circuit that opens, closes, or is tried by a call; one that stays as it is is no transition. */
export function countTransition({ routeClass }: LaneKey, before: Circuit, after: Circuit): void {
  const transition = transitionOf(before, after);
  if (transition === undefined) return;
  const reason = (after.open ?? before.open)?.reason ?? '';
  const reasonClass = Object.hasOwn(ERRORS, reason) ? ERRORS[reason as ErrorCode].blame : 'none';
  count('gw_circuit_transitions_total', { route_class: routeClass, transition, reason_class: reasonClass });
}

function transitionOf(before: Circuit, after: Circuit): 'opened' | 'probed' | 'closed' | undefined {
  if (after.open === undefined) return before.open === undefined ? undefined : 'closed';
  if (after.open.sinceMs !== before.open?.sinceMs) return 'opened';
  return after.probe !== undefined && before.probe === undefined ? 'probed' : undefined;
}
