import type { Place } from '../../src/platform/shared-state/index.js';
import { NOW } from '../support/routing.js';
import { Violation } from './oracle.js';
import type { Subject } from './subject.js';

export const LEASE_MS = 45_000;

interface Happening {
  readonly atMs: number;
  readonly then: () => void;
}

interface Waiting {
  readonly passage: { readonly isDead: boolean };
  readonly again: () => void;
  done: boolean;
}

/** One clock, the leases of all processes, and whoever waits. */
export class Premises {
  nowMs = NOW;
  /** How often a call had to wait. */
  waits = 0;
  private readonly keys = new Set<string>();
  private readonly happenings: Happening[] = [];
  private waiting: Waiting[] = [];
  private isWaking = false;

  constructor(private readonly table: ReturnType<Subject['leaseTable']>) {}

  at(atMs: number, then: () => void): void {
    const { happenings } = this;
    let place = happenings.length;
    while (place > 0 && (happenings[place - 1]?.atMs ?? 0) > atMs) place -= 1;
    happenings.splice(place, 0, { atMs, then });
  }

  /** Let everything happen until then. */
  pass(untilMs: number): void {
    for (let next = this.happenings[0]; next !== undefined && next.atMs <= untilMs; next = this.happenings[0]) {
      this.happenings.shift();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.then();
    }
    this.nowMs = untilMs;
  }

  /** Until no call is left, and no lease of a dead process. */
  settle(): void {
    for (let rounds = 0; this.happenings.length > 0; rounds += 1) {
      if (rounds > 10_000) throw new Violation('hidden for ever', 'a call does not come to its end');
      this.pass(this.happenings[0]?.atMs ?? this.nowMs);
    }
  }

  held(key: string): number {
    return this.table.held(key, this.nowMs);
  }

  take(places: readonly Place[], token: string): string | undefined {
    const full = this.table.acquire(places, token, LEASE_MS, 0, this.nowMs);
    if (full !== undefined) return full;
    for (const { key, limit = Infinity } of places) {
      this.keys.add(key);
      const held = this.table.held(key, this.nowMs);
      if (held > limit) throw new Violation('limit exceeded', `${held} of ${limit} at ${key}`);
    }
    return undefined;
  }

  renew(places: readonly Place[], token: string): void {
    this.renewAll(keysOf(places), token);
  }

  renewAll(keys: readonly string[], token: string): void {
    this.table.renew([{ keys, token }], LEASE_MS, this.nowMs);
  }

  release(keys: readonly string[], token: string): void {
    this.table.release(keys, token, this.nowMs);
    if (this.waiting.length === 0 || this.isWaking) return;
    this.isWaking = true;
    this.at(this.nowMs, () => {
      this.isWaking = false;
      const all = this.waiting;
      this.waiting = [];
      for (const one of all) this.wake(one);
    });
  }

  wait(untilMs: number, passage: Waiting['passage'], again: () => void): void {
    const one = { passage, again, done: false };
    this.waits += 1;
    this.waiting.push(one);
    this.at(untilMs, () => {
      this.waiting = this.waiting.filter((other) => other !== one);
      this.wake(one);
    });
  }

  private wake(one: Waiting): void {
    if (one.done) return;
    one.done = true;
    if (!one.passage.isDead) one.again();
  }

  /** All that is left of leases when nobody is left to hold one. */
  protected checkReturned(): void {
    for (const key of this.keys) {
      const held = this.table.held(key, this.nowMs);
      if (held > 0) throw new Violation('lease lost', `${held} of ${key}`);
    }
  }
}

export function keysOf(places: readonly Place[]): string[] {
  const keys: string[] = [];
  for (const { key, part } of places) {
    if (!keys.includes(key)) keys.push(key);
    if (part !== undefined && !keys.includes(part)) keys.push(part);
  }
  return keys;
}
