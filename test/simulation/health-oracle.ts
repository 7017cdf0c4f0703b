import type { AccountId, GatewayError } from '../../src/core/index.js';
import type { LaneKey } from '../../src/upstream/health/lane-key.js';
import type { StoredLane } from '../../src/upstream/health/stored-lane.js';
import type { Knowledge } from './knowledge.js';
import { Violation } from './oracle.js';

/** A failure of this kind in a row of three shuts one kind of work of an account. */
const COUNTED = new Set(['upstream_error', 'upstream_timeout', 'upstream_request_failed', 'stream_idle_timeout']);
/** Not the account's: nothing of it may change. */
const NOBODYS = new Set(['server_is_overloaded', 'stream_interrupted']);
const IN_A_ROW = 3;
const OPEN_MS = 60_000;
/** 60 seconds and a fifth. */
const LONGEST_BURST_MS = 72_000;
const LONGEST_QUOTA_MS = 32 * 86_400_000;

interface Done {
  readonly id: AccountId;
  readonly lane: LaneKey;
}

export interface Alive {
  readonly isDead: boolean;
}

/** Judges what is made of successes and failures: nobody sits out without a reason, too long, or not at all. */
export class HealthOracle {
  private readonly rows = new Map<string, number>();
  private readonly shut = new Set<string>();
  private readonly probes = new Map<string, Alive>();
  private readonly over = new Set<string>();

  constructor(private readonly knowledge: Knowledge) {}

  /** A call tries a circuit. */
  probing(probeId: string, by: Alive): void {
    this.probes.set(probeId, by);
  }

  /** An answer began: what its call tried works. */
  answered(id: AccountId, lane: LaneKey, by: Alive): void {
    const tries = [...this.probes].filter(([, one]) => one === by);
    for (const [probeId] of tries) this.end(probeId);
    if (tries.length > 0) this.rows.set(nameOf(id, lane), 0);
  }

  judged({ id, lane }: Done, by: Alive, outcome: 'success' | 'neutral' | GatewayError, nowMs: number): void {
    const name = nameOf(id, lane);
    for (const [probeId, one] of this.probes) if (one === by) this.end(probeId);
    const code = typeof outcome === 'string' ? outcome : outcome.code;
    if (code === 'success') this.rows.set(name, 0);
    if (COUNTED.has(code)) this.rows.set(name, (this.rows.get(name) ?? 0) + 1);
    this.turned(name, this.knowledge.circuitOf(id, lane).open !== undefined, code);
    for (const stored of this.knowledge.of(id).lanes) this.circuitBounds(id, stored, nowMs);
    this.cooldownBounds(id, code, nowMs);
  }

  private turned(name: string, isShut: boolean, code: string): void {
    const isInARow = (this.rows.get(name) ?? 0) >= IN_A_ROW;
    const may = isInARow || this.shut.has(name) || code === 'upstream_model_unavailable';
    if (isShut && !may) throw new Violation('health without a reason', `${name} is shut for ${code}`);
    if (!isShut && isInARow) throw new Violation('health without a reason', `${name} is not shut`);
    if (isShut) this.shut.add(name);
    else this.shut.delete(name);
  }

  private end(probeId: string): void {
    this.probes.delete(probeId);
    this.over.add(probeId);
  }

  private circuitBounds(id: AccountId, { model, circuit }: StoredLane, nowMs: number): void {
    const { open, probe } = circuit;
    if (open !== undefined && open.untilMs > nowMs + (model === '*' ? LONGEST_BURST_MS : OPEN_MS)) {
      throw new Violation('hidden for ever', `a circuit of ${id} stays open for too long`);
    }
    if (probe !== undefined && nowMs < probe.untilMs && this.over.has(probe.id)) {
      throw new Violation('hidden for ever', `nobody tries ${id} any more, and nobody may`);
    }
  }

  private cooldownBounds(id: AccountId, code: string, nowMs: number): void {
    const { cooling } = this.knowledge.of(id);
    if (cooling === undefined) return;
    const longestMs = cooling.reason === 'upstream_quota_exhausted' ? LONGEST_QUOTA_MS : LONGEST_BURST_MS;
    if (cooling.untilMs > nowMs + longestMs) throw new Violation('hidden for ever', `${id} sits out for too long`);
    if (NOBODYS.has(code) && cooling.sinceMs === nowMs && cooling.reason === code) {
      throw new Violation('health without a reason', `${id} sits out for ${code}`);
    }
  }
}

const nameOf = (id: AccountId, { model, routeClass }: LaneKey): string => `${id} ${model} ${routeClass}`;
