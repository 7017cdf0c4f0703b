import { Injectable, Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { AccountId } from '../../core/index.js';
import { safeError } from '../../platform/telemetry/index.js';
import { AccountChanges } from '../account-changes.service.js';
import type { Lane } from '../account-snapshot.js';
import { burstAfter } from './burst.js';
import * as circuits from './circuit.js';
import { countTransition } from './circuit-metrics.js';
import { CLOSED, type Circuit, type Judged } from './circuit.js';
import { isLane, WHOLE_ACCOUNT, type LaneKey } from './lane-key.js';
import { LaneStore, type Changed } from './lane-store.service.js';
import { LocalLane } from './local-lane.js';
import { laneOf, type StoredLane } from './stored-lane.js';

/** The right to try a lane that is half open. */
export interface Probe {
  readonly key: LaneKey;
  readonly id: string;
}

/** For how long it is not asked again whether a lane may be tried that somebody else was found to try. */
const TAKEN_MS = 1_000;
/** A later end by less than this is not worth a write. */
const WORTH_WRITING_MS = 1_000;
const NO_LANES: readonly Lane[] = [];
const NO_PROBES: readonly Probe[] = [];
const always = (): boolean => true;

/**
 * The circuits of all accounts. What this process finds holds here at once; the database counts for everybody, and what
 * opens or closes there is announced. A lane in which nothing failed costs nothing.
 */
@Injectable()
export class Circuits {
  private readonly log = new Logger(Circuits.name);
  private readonly rows = new Map<AccountId, readonly StoredLane[]>();
  private readonly local = new Map<AccountId, Map<string, LocalLane>>();
  private readonly writes = new Set<Promise<void>>();

  constructor(
    private readonly store: LaneStore,
    private readonly changes: AccountChanges,
  ) {}

  /** Those that are not closed. @param rows the account's lanes as the database had them just now */
  lanesOf(id: AccountId, rows: readonly StoredLane[], nowMs: number): readonly Lane[] {
    this.rows.set(id, rows);
    const own = this.local.get(id);
    if (rows.length === 0 && own === undefined) return NO_LANES;
    const keys = new Map<string, LaneKey>([
      ...rows.map((row) => [nameOf(row), row] as const),
      ...[...(own?.keys() ?? [])].map((name) => [name, keyOf(name)] as const),
    ]);
    return [...keys.values()].flatMap((key) => laneOf(key, this.circuitOf(id, key), nowMs) ?? []);
  }

  /** @returns what the call tries by going on; `undefined`: it must not */
  async admit(id: AccountId, keys: readonly LaneKey[], nowMs: number): Promise<readonly Probe[] | undefined> {
    const shut = keys.filter((key) => this.circuitOf(id, key).open !== undefined);
    if (shut.length === 0) return NO_PROBES;
    const probes: Probe[] = [];
    for (const key of shut) {
      const entered = await this.enter(id, key, nowMs);
      if (entered === 'nobody') {
        for (const probe of probes) this.neutral(id, probe.key, { beganAtMs: nowMs, probeId: probe.id });
        return undefined;
      }
      if (entered !== 'any') probes.push(entered);
    }
    return probes;
  }

  failed(id: AccountId, key: LaneKey, call: Judged, reason: string, nowMs: number): void {
    const before = this.circuitOf(id, key);
    const after = circuits.failed(before, call, reason, nowMs);
    if (after === before) return;
    const lane = this.changed(id, key, after);
    if (before.open !== undefined) return this.probeFailed(id, key, lane, call, reason, nowMs);
    lane.unsaid += 1;
    // Failures that come together are told together.
    if (lane.unsaid > 1) return;
    const write = (): Promise<Changed> => {
      const times = lane.unsaid;
      lane.unsaid = 0;
      return this.store.failed(id, key, times, reason, nowMs);
    };
    void this.write(id, lane, write, (row) => row?.circuit.open !== undefined);
  }

  openedAtOnce(id: AccountId, key: LaneKey, call: Judged, reason: string, nowMs: number): void {
    const before = this.circuitOf(id, key);
    const after = circuits.openedAtOnce(before, call, reason, nowMs);
    if (after === before) return;
    const lane = this.changed(id, key, after);
    if (before.open !== undefined) return this.probeFailed(id, key, lane, call, reason, nowMs);
    void this.write(id, lane, () => this.store.openedAtOnce(id, key, reason, nowMs), always);
  }

  succeeded(id: AccountId, key: LaneKey, call: Judged): void {
    const before = this.circuitOf(id, key);
    const after = circuits.succeeded(before, call);
    if (after === before) return;
    const isNews = (): boolean => before.open !== undefined;
    void this.write(id, this.changed(id, key, after), () => this.store.succeeded(id, key, call), isNews);
  }

  neutral(id: AccountId, key: LaneKey, call: Judged): void {
    const { probeId } = call;
    const before = this.circuitOf(id, key);
    const after = circuits.neutral(before, call);
    if (after === before || probeId === undefined) return;
    void this.write(id, this.changed(id, key, after), () => this.store.release(id, key, probeId), always);
  }

  /**
   * The account was asked for too much at once: it is shut as a whole, longer each time that it happens again.
   *
   * @returns until when it sits out, `undefined` when it does so already
   */
  burst(id: AccountId, call: Judged, reason: string, askedMs: number | undefined, nowMs: number): number | undefined {
    const before = this.circuitOf(id, WHOLE_ACCOUNT);
    const burst = burstAfter(before, id, askedMs, call, nowMs);
    if (burst === undefined || burst.untilMs - (before.open?.untilMs ?? 0) < WORTH_WRITING_MS) return undefined;
    const { count, untilMs } = burst;
    const lane = this.changed(id, WHOLE_ACCOUNT, circuits.shut(before, count, reason, untilMs, nowMs));
    const write = (): Promise<Changed> => this.store.shut(id, WHOLE_ACCOUNT, count, reason, untilMs, nowMs);
    void this.write(id, lane, write, always);
    return untilMs;
  }

  /** Resolves when everything that was found so far is written, or could not be. */
  async written(): Promise<void> {
    while (this.writes.size > 0) await Promise.all(this.writes);
  }

  private probeFailed(id: AccountId, key: LaneKey, lane: LocalLane, call: Judged, reason: string, nowMs: number): void {
    const { probeId = '' } = call;
    void this.write(id, lane, () => this.store.probeFailed(id, key, probeId, reason, nowMs), always);
  }

  private async enter(id: AccountId, key: LaneKey, nowMs: number): Promise<Probe | 'any' | 'nobody'> {
    const probeId = randomUUID();
    const admission = circuits.admit(this.circuitOf(id, key), probeId, nowMs);
    if (admission.as !== 'probe') return admission.as;
    // Held here from now on: of all the calls of this process one asks the database.
    const lane = this.changed(id, key, admission.circuit);
    const claimed = await this.write(id, lane, () => this.store.claim(id, key, probeId, nowMs), always);
    // Without the database each process lets one call try.
    if (claimed === undefined || claimed.changed) return { key, id: probeId };
    const circuit = claimed.lane?.circuit ?? CLOSED;
    if (circuit.open === undefined) return 'any';
    // Whoever was faster may not show yet in what the statement could see.
    if (circuit.probe === undefined) lane.change({ ...circuit, probe: { id: '', untilMs: nowMs + TAKEN_MS } });
    return 'nobody';
  }

  private circuitOf(id: AccountId, key: LaneKey): Circuit {
    const row = this.rows.get(id)?.find((lane) => isLane(lane, key));
    const own = this.local.get(id);
    const lane = own?.get(nameOf(key));
    if (own === undefined || lane === undefined) return row?.circuit ?? CLOSED;
    if (row === undefined || !lane.yieldsTo(row)) return lane.circuit;
    own.delete(nameOf(key));
    if (own.size === 0) this.local.delete(id);
    return row.circuit;
  }

  private changed(id: AccountId, key: LaneKey, circuit: Circuit): LocalLane {
    countTransition(key, this.circuitOf(id, key), circuit);
    const own = this.local.get(id) ?? new Map<string, LocalLane>();
    this.local.set(id, own);
    const known = own.get(nameOf(key));
    if (known) {
      known.change(circuit);
      return known;
    }
    const lane = new LocalLane(circuit, this.rows.get(id)?.find((row) => isLane(row, key))?.version ?? 0);
    own.set(nameOf(key), lane);
    return lane;
  }

  /** @returns undefined when it could not be written; what was found holds here all the same */
  private write(
    id: AccountId,
    lane: LocalLane,
    work: () => Promise<Changed>,
    isNews: (row: StoredLane | undefined) => boolean,
  ): Promise<Changed | undefined> {
    lane.writing();
    const done = lane.queue.then(async () => {
      try {
        const result = await work();
        lane.written(result.lane);
        if (result.changed && isNews(result.lane)) this.changes.announce(id);
        return result;
      } catch (error) {
        lane.notWritten();
        this.log.warn({ msg: 'a circuit was not written', accountId: id, error: safeError(error) });
        return undefined;
      }
    });
    const settled = done.then(() => void this.writes.delete(settled));
    lane.queue = settled;
    this.writes.add(settled);
    return done;
  }
}

const nameOf = ({ model, routeClass }: LaneKey): string => `${routeClass} ${model}`;

function keyOf(name: string): LaneKey {
  const at = name.indexOf(' ');
  return { routeClass: name.slice(0, at) as LaneKey['routeClass'], model: name.slice(at + 1) };
}
