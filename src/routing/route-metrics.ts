import { count, observe } from '../platform/metrics/index.js';
import type { Decision, ExclusionReason } from './decision.js';

/** After which stage nobody is left for one of these reasons. Who is bound elsewhere, or was asked, is not compatible. */
const STAGES = [
  [
    'compatible',
    [
      'login_required',
      'paused',
      'draining',
      'operation_not_served',
      'model_not_served',
      'already_asked',
      'bound_elsewhere',
    ],
  ],
  ['circuit', ['cooling_down', 'circuit_open']],
  ['quota', ['quota_exhausted', 'quota_unknown']],
  ['free', ['saturated']],
] as const satisfies readonly (readonly [stage: string, reasons: readonly ExclusionReason[]])[];

/** Who could have served a call, stage by stage, and why not the others. */
export function countRoute({ candidates, reserve, exclusions }: Decision): void {
  let left = candidates.length + reserve.length + exclusions.length;
  observe('gw_route_candidates', { stage: 'visible' }, left);
  for (const [stage, reasons] of STAGES) {
    left -= exclusions.filter(({ reason }) => reasons.some((each) => each === reason)).length;
    observe('gw_route_candidates', { stage }, left);
  }
  for (const { reason } of exclusions) count('gw_route_exclusions_total', { reason });
}
