import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId } from '../../core/index.js';
import { FAILURE_THRESHOLD, OPEN_MS, type Judged } from './circuit.js';
import type { LaneKey } from './lane-key.js';
import { laneJson, storedLaneOf, type LaneJson, type StoredLane } from './stored-lane.js';

/** How a change went: the row as it is now, if there is one, and whether this made it so. */
export interface Changed {
  readonly lane?: StoredLane;
  readonly changed: boolean;
}

const KEY = 'account_id = $1 AND model = $2 AND route_class = $3';
const at = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;
const CLOSED = `failures = 0, opened_at = NULL, open_until = NULL, reason = NULL, probe_id = NULL, probing_until = NULL`;

/** One statement, so that all processes agree; it says what the row has come to even when there was nothing to change. */
const answered = (change: string): string => `
  WITH changed AS (${change} RETURNING ${laneJson('known')} AS lane)
  SELECT lane, true AS changed FROM changed
   UNION ALL
  SELECT ${laneJson('l')}, false FROM account_lane l WHERE ${KEY} AND NOT EXISTS (SELECT FROM changed)`;

const updated = (set: string, where: string): string =>
  answered(`UPDATE account_lane AS known SET version = known.version + 1, ${set} WHERE ${KEY} AND ${where}`);

const FAILED = answered(`
  INSERT INTO account_lane AS known (account_id, model, route_class, failures, opened_at, open_until, reason, version)
  SELECT id, $2, $3, $4::integer,
         CASE WHEN $4::integer >= ${FAILURE_THRESHOLD} THEN ${at('$6')} END,
         CASE WHEN $4::integer >= ${FAILURE_THRESHOLD} THEN ${at('$6')} + interval '${OPEN_MS} ms' END,
         CASE WHEN $4::integer >= ${FAILURE_THRESHOLD} THEN $5 END, 1
    FROM upstream_account WHERE id = $1
  ON CONFLICT ON CONSTRAINT account_lane_pk DO UPDATE
     SET version = known.version + 1, failures = known.failures + $4::integer,
         opened_at = CASE WHEN known.failures + $4::integer >= ${FAILURE_THRESHOLD} THEN ${at('$6')} END,
         open_until = CASE WHEN known.failures + $4::integer >= ${FAILURE_THRESHOLD}
                           THEN ${at('$6')} + interval '${OPEN_MS} ms' END,
         reason = CASE WHEN known.failures + $4::integer >= ${FAILURE_THRESHOLD} THEN $5 END
   WHERE known.open_until IS NULL`);

const opened = (failures: string, where: string): string =>
  answered(`
  INSERT INTO account_lane AS known (account_id, model, route_class, failures, opened_at, open_until, reason, version)
  SELECT id, $2, $3, $4::integer, ${at('$6')}, ${at('$7')}, $5, 1 FROM upstream_account WHERE id = $1
  ON CONFLICT ON CONSTRAINT account_lane_pk DO UPDATE
     SET version = known.version + 1, failures = ${failures},
         opened_at = excluded.opened_at, open_until = excluded.open_until, reason = excluded.reason,
         probe_id = NULL, probing_until = NULL
   WHERE ${where}`);

const OPENED = opened('known.failures + 1', 'known.open_until IS NULL');
const SHUT = opened(
  'greatest(known.failures, excluded.failures)',
  'known.open_until IS NULL OR known.open_until < excluded.open_until',
);

const REOPENED = updated(
  `failures = known.failures + 1, opened_at = ${at('$6')}, open_until = ${at('$6')} + interval '${OPEN_MS} ms', reason = $5,
   probe_id = NULL, probing_until = NULL`,
  'known.probe_id = $4::uuid',
);

const CLAIMED = updated(
  `probe_id = $4::uuid, probing_until = ${at('$5')} + interval '${OPEN_MS} ms'`,
  `known.open_until <= ${at('$5')} AND (known.probing_until IS NULL OR known.probing_until <= ${at('$5')})`,
);

const SUCCEEDED = updated(
  CLOSED,
  `CASE WHEN known.open_until IS NULL THEN known.failures > 0 ELSE known.open_until <= ${at('$4')} END`,
);

const RELEASED = updated('probe_id = NULL, probing_until = NULL', 'known.probe_id = $4::uuid');

/**
 * The circuits in the database, which is where the processes meet. Each change is what `circuit.ts` makes of the row as it
 * is at that moment. Nothing is made of an account that is gone.
 */
@Injectable()
export class LaneStore {
  constructor(private readonly dataSource: DataSource) {}

  /** So many failures in a row, of calls that are not the probe. */
  failed(id: AccountId, key: LaneKey, times: number, reason: string, nowMs: number): Promise<Changed> {
    return this.run(FAILED, id, key, [times, reason, nowMs]);
  }

  probeFailed(id: AccountId, key: LaneKey, probeId: string, reason: string, nowMs: number): Promise<Changed> {
    return this.run(REOPENED, id, key, [probeId, reason, nowMs]);
  }

  openedAtOnce(id: AccountId, key: LaneKey, reason: string, nowMs: number): Promise<Changed> {
    return this.run(OPENED, id, key, [1, reason, nowMs, nowMs + OPEN_MS]);
  }

  shut(
    id: AccountId,
    key: LaneKey,
    failures: number,
    reason: string,
    untilMs: number,
    nowMs: number,
  ): Promise<Changed> {
    return this.run(SHUT, id, key, [failures, reason, nowMs, untilMs]);
  }

  /** At most one of all who ask at the same time has it `changed`. */
  claim(id: AccountId, key: LaneKey, probeId: string, nowMs: number): Promise<Changed> {
    return this.run(CLAIMED, id, key, [probeId, nowMs]);
  }

  succeeded(id: AccountId, key: LaneKey, { beganAtMs }: Judged): Promise<Changed> {
    return this.run(SUCCEEDED, id, key, [beganAtMs]);
  }

  release(id: AccountId, key: LaneKey, probeId: string): Promise<Changed> {
    return this.run(RELEASED, id, key, [probeId]);
  }

  private async run(sql: string, id: AccountId, key: LaneKey, more: readonly unknown[]): Promise<Changed> {
    const parameters = [id, key.model, key.routeClass, ...more];
    const [row] = await this.dataSource.query<{ lane: LaneJson; changed: boolean }[]>(sql, parameters);
    return row === undefined ? { changed: false } : { lane: storedLaneOf(row.lane), changed: row.changed };
  }
}
