import type { RouteClass } from '../../core/index.js';
import type { Lane } from '../account-snapshot.js';
import { isProbing, stateOf, type Circuit } from './circuit.js';
import type { LaneKey } from './lane-key.js';

/** A lane as the database has it. */
export interface StoredLane extends LaneKey {
  readonly circuit: Circuit;
  /** Rises with every change; a row that is not there has 0. */
  readonly version: number;
}

/** As `laneJson` makes it. */
export interface LaneJson {
  readonly model: string;
  readonly routeClass: RouteClass | '*';
  readonly failures: number;
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  readonly reason: string | null;
  readonly probeId: string | null;
  readonly probingUntilMs: number | null;
  readonly version: number;
}

const ms = (column: string): string => `round(extract(epoch FROM ${column}) * 1000)`;

/** SQL: a row of `account_lane`, known by this name, as one JSON value. */
export const laneJson = (row: string): string => `json_build_object(
  'model', ${row}.model, 'routeClass', ${row}.route_class, 'failures', ${row}.failures,
  'sinceMs', ${ms(`${row}.opened_at`)}, 'untilMs', ${ms(`${row}.open_until`)}, 'reason', ${row}.reason,
  'probeId', ${row}.probe_id, 'probingUntilMs', ${ms(`${row}.probing_until`)}, 'version', ${row}.version)`;

export function storedLaneOf(json: LaneJson): StoredLane {
  const { model, routeClass, failures, sinceMs, untilMs, reason, probeId, probingUntilMs, version } = json;
  return {
    model,
    routeClass,
    version,
    circuit: {
      failures,
      ...(sinceMs === null || untilMs === null ? {} : { open: { sinceMs, untilMs, reason: reason ?? 'unknown' } }),
      ...(probeId === null || probingUntilMs === null ? {} : { probe: { id: probeId, untilMs: probingUntilMs } }),
    },
  };
}

/** What a snapshot says of a circuit; `undefined` when it is closed. */
export function laneOf({ model, routeClass }: LaneKey, circuit: Circuit, nowMs: number): Lane | undefined {
  const state = stateOf(circuit, nowMs);
  if (circuit.open === undefined || state === 'closed') return undefined;
  const { sinceMs, untilMs, reason } = circuit.open;
  return { model, routeClass, state, sinceMs, untilMs, reason, probing: isProbing(circuit, nowMs) };
}
