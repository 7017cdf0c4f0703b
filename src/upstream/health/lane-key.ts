import { routeClassOf, type RoutedCall, type RouteClass } from '../../core/index.js';
import type { AccountSnapshot } from '../account-snapshot.js';

/** Names one kind of work of an account. */
export interface LaneKey {
  readonly model: string;
  readonly routeClass: RouteClass | '*';
}

/** What a lane looks at in a call. */
export type Work = Pick<RoutedCall, 'model' | 'operation' | 'transport'>;

/** The account as a whole. Shut after it was asked for too much at once, and tried by one call before all go back. */
export const WHOLE_ACCOUNT: LaneKey = { model: '*', routeClass: '*' };

/** Models that the account does not list share one lane: their names are whatever clients make up. */
export function laneKeyOf({ models }: Pick<AccountSnapshot, 'models'>, call: Work): LaneKey {
  const model = call.model.trim().toLowerCase();
  return { model: models?.has(model) === true ? model : '', routeClass: routeClassOf(call) };
}

export const isLane = (lane: LaneKey, { model, routeClass }: LaneKey): boolean =>
  lane.model === model && lane.routeClass === routeClass;
