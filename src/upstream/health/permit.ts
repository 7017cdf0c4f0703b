import type { AccountId, GatewayError } from '../../core/index.js';
import type { AccountSnapshot } from '../account-snapshot.js';
import type { Circuits, Probe } from './circuits.service.js';
import { coolingUntil } from './cooldown.js';
import type { Cooldowns } from './cooldowns.service.js';
import { effectOf, isUpstreams } from './effect.js';
import { isLane, type LaneKey } from './lane-key.js';
import type { Pulses } from './pulses.service.js';

/** Where judgements go. */
export interface Findings {
  readonly cooldowns: Pick<Cooldowns, 'mark'>;
  readonly circuits: Pick<Circuits, 'failed' | 'openedAtOnce' | 'succeeded' | 'neutral' | 'burst'>;
  readonly pulses: Pick<Pulses, 'heard' | 'succeeded' | 'failed'>;
}

/** What a permit is for. */
export interface Attempted {
  readonly id: AccountId;
  readonly lane: LaneKey;
  /** Whether the answer comes in events, so that the first of them tells how fast the account is. */
  readonly streams: boolean;
  /** What half-open lanes the call tries. */
  readonly probes: readonly Probe[];
  /** Unix time in milliseconds. */
  readonly beganAtMs: number;
}

/**
 * The right to send one call to one account, and the duty to say how it went: exactly once, `succeeded`, `failed` or
 * `neutral`. None of its methods throws or waits.
 */
export class Permit {
  private probes: readonly Probe[];
  private silent = true;
  private judged = false;

  constructor(
    private readonly findings: Findings,
    private readonly attempted: Attempted,
    private readonly clock: () => number,
  ) {
    this.probes = attempted.probes;
  }

  /** The first of the answer came. */
  heard(): void {
    const { id, streams, beganAtMs } = this.attempted;
    if (!this.silent || !streams) return;
    this.silent = false;
    const nowMs = this.clock();
    this.findings.pulses.heard(id, nowMs - beganAtMs, nowMs);
  }

  /** The first came that a client can see: whatever the call tries, it works. The answer may take its time from here. */
  answered(): void {
    const { id } = this.attempted;
    for (const probe of this.probes) this.findings.circuits.succeeded(id, probe.key, this.by(probe));
    this.probes = [];
  }

  succeeded(): void {
    if (!this.judge()) return;
    const { id, lane } = this.attempted;
    this.answered();
    this.findings.circuits.succeeded(id, lane, this.by());
    this.findings.pulses.succeeded(id, this.clock());
  }

  /** @param credentialEpoch of the credentials that were used last: those that a refusal is about */
  failed(error: GatewayError, credentialEpoch: number): void {
    if (!this.judge()) return;
    const nowMs = this.clock();
    if (isUpstreams(error)) this.findings.pulses.failed(this.attempted.id, nowMs);
    this.found(error, credentialEpoch, nowMs);
    this.release();
  }

  /** It says nothing about the account. */
  neutral(): void {
    if (this.judge()) this.release();
  }

  private judge(): boolean {
    const first = !this.judged;
    this.judged = true;
    return first;
  }

  private found(error: GatewayError, credentialEpoch: number, nowMs: number): void {
    const { id, lane } = this.attempted;
    const { circuits } = this.findings;
    const effect = effectOf(error);
    const call = this.by(this.probes.find((probe) => isLane(probe.key, lane)));
    if (effect === 'account') this.sitOut({ id, credentialEpoch }, error, nowMs);
    else if (effect === 'lane') circuits.failed(id, lane, call, error.code, nowMs);
    // A model that the account does not list was not promised.
    else if (effect === 'lane_at_once' && lane.model !== '') circuits.openedAtOnce(id, lane, call, error.code, nowMs);
  }

  private sitOut(account: Pick<AccountSnapshot, 'id' | 'credentialEpoch'>, error: GatewayError, nowMs: number): void {
    const { circuits, cooldowns } = this.findings;
    const untilMs =
      error.code === 'upstream_rate_limited'
        ? circuits.burst(account.id, this.by(), error.code, error.detail.cooldownMs, nowMs)
        : coolingUntil(error, nowMs);
    if (untilMs !== undefined) cooldowns.mark(account, { sinceMs: nowMs, untilMs, reason: error.code });
  }

  /** What was tried and not judged is for the next call. */
  private release(): void {
    for (const probe of this.probes) {
      this.findings.circuits.neutral(this.attempted.id, probe.key, this.by(probe));
    }
    this.probes = [];
  }

  private by(probe?: Probe): { beganAtMs: number; probeId?: string } {
    const { beganAtMs } = this.attempted;
    return probe === undefined ? { beganAtMs } : { beganAtMs, probeId: probe.id };
  }
}
