import type {
  Amounts,
  Budget,
  ColdCounter,
  Counter,
  CounterContents,
  DaySum,
  FilledHold,
  HeldIn,
  Hold,
  HoldAnswer,
  Settled,
} from './counters.js';
import { ExpiringMap } from './expiring-map.js';

const MINUTE_MS = 60_000;
/** How long a counter is kept that nobody asks for. */
const IDLE_MS = 3_600_000;

interface OpenHold extends Hold {
  readonly endsAtMs: number;
}

/** What one counter holds. */
class Tally {
  /** By day, holds included. */
  readonly sums = new Map<number, { tokens: number; nanoUsd: number }>();
  readonly holds = new Map<string, OpenHold>();
  /** Who was let in, by when, the oldest first. */
  readonly asked = new Map<string, number>();
  /** None ends before this. */
  private firstEndMs = Infinity;

  add(day: number, { tokens, nanoUsd }: Amounts, sign: 1 | -1 = 1): void {
    const sum = this.sums.get(day) ?? { tokens: 0, nanoUsd: 0 };
    this.sums.set(day, { tokens: sum.tokens + sign * tokens, nanoUsd: sum.nanoUsd + sign * nanoUsd });
  }

  put(hold: OpenHold): void {
    this.take(hold.id);
    this.holds.set(hold.id, hold);
    this.firstEndMs = Math.min(this.firstEndMs, hold.endsAtMs);
    this.add(hold.day, hold);
  }

  /** @returns whether it was there */
  take(id: string): boolean {
    const hold = this.holds.get(id);
    if (hold === undefined) return false;
    this.holds.delete(id);
    this.add(hold.day, hold, -1);
    return true;
  }

  purge(nowMs: number): void {
    for (const [id, atMs] of this.asked) {
      if (atMs > nowMs - MINUTE_MS) break;
      this.asked.delete(id);
    }
    if (this.firstEndMs > nowMs) return;
    for (const { id, endsAtMs } of this.holds.values()) if (endsAtMs <= nowMs) this.take(id);
    this.firstEndMs = Math.min(...[...this.holds.values()].map(({ endsAtMs }) => endsAtMs));
  }

  used({ unit, fromDay, untilDay }: Budget): number {
    let used = 0;
    for (const [day, sum] of this.sums) if (day >= fromDay && day <= untilDay) used += sum[unit];
    return used;
  }

  /** Until so many of the last minute, this one left out, are over that it may come; undefined where it may now. */
  rateWaitMs(id: string, perMinute: number, nowMs: number): number | undefined {
    if (this.asked.size < perMinute + (this.asked.has(id) ? 1 : 0)) return undefined;
    const others = [...this.asked].filter(([other]) => other !== id);
    const [, leavesFirst] = others[others.length - perMinute] ?? [];
    return leavesFirst === undefined ? undefined : leavesFirst + MINUTE_MS - nowMs;
  }

  days(): DaySum[] {
    return [...this.sums].map(([day, sum]) => ({ day, ...sum })).sort((a, b) => a.day - b.day);
  }
}

/** Counters in memory; `RedisCounters` says the same in Lua. Times are of one clock that never goes back. */
export class CounterTable {
  private readonly tallies = new ExpiringMap<Tally>();
  private readonly nonces = new ExpiringMap<string>();

  get size(): number {
    return this.tallies.size + this.nonces.size;
  }

  hold(hold: Hold, counters: readonly Counter[], ttlMs: number, nonce: string, nowMs: number): HoldAnswer {
    const cold = counters.flatMap(({ key }) => (this.tally(key, nowMs) ? [] : this.coldOf(key, nonce, nowMs)));
    if (cold.length > 0) return { result: 'cold', cold };
    const tallies = counters.map(({ key }) => this.tally(key, nowMs) ?? new Tally());
    for (const tally of tallies) {
      tally.purge(nowMs);
      tally.take(hold.id);
    }
    for (const [at, { perMinute, budgets }] of counters.entries()) {
      const tally = tallies[at] ?? new Tally();
      const over = overOf(tally, hold, budgets, perMinute, nowMs);
      if (over === undefined) continue;
      for (const each of tallies) each.asked.delete(hold.id);
      return { result: 'full', counter: at, over, days: tally.days() };
    }
    for (const tally of tallies) {
      tally.put({ ...hold, endsAtMs: nowMs + ttlMs });
      if (!tally.asked.has(hold.id)) tally.asked.set(hold.id, nowMs);
    }
    const used = counters.map(({ budgets }, at) => budgets.map((budget) => tallies[at]?.used(budget) ?? 0));
    return { result: 'held', used };
  }

  fill({ key, nonce }: ColdCounter, { days, holds, asked }: CounterContents, nowMs: number): boolean {
    if (this.nonces.get(key, nowMs) !== nonce) return false;
    this.nonces.delete(key);
    const tally = new Tally();
    for (const sum of days) tally.add(sum.day, sum);
    for (const { endsInMs, ...hold } of holds) tally.put({ ...hold, endsAtMs: nowMs + endsInMs });
    for (const { id, agoMs } of [...asked].sort((a, b) => b.agoMs - a.agoMs)) tally.asked.set(id, nowMs - agoMs);
    this.tallies.set(key, tally, nowMs + IDLE_MS, nowMs);
    return true;
  }

  renew(held: readonly HeldIn[], ttlMs: number, nowMs: number): void {
    for (const { keys, hold } of held)
      for (const key of keys) this.tally(key, nowMs)?.put({ ...hold, endsAtMs: nowMs + ttlMs });
  }

  settle(settled: readonly Settled[], nowMs: number): void {
    for (const { keys, id, day, ...used } of settled) {
      for (const key of keys) {
        const tally = this.tally(key, nowMs);
        if (tally?.take(id) === true) tally.add(day, used);
      }
    }
  }

  contents(key: string, nowMs: number): CounterContents | undefined {
    const tally = this.tally(key, nowMs);
    if (tally === undefined) return undefined;
    tally.purge(nowMs);
    const holds = [...tally.holds.values()].map(({ endsAtMs, ...hold }): FilledHold => {
      return { ...hold, endsInMs: endsAtMs - nowMs };
    });
    for (const hold of holds) tally.add(hold.day, hold, -1);
    const days = tally.days().filter(({ tokens, nanoUsd }) => tokens !== 0 || nanoUsd !== 0);
    for (const hold of holds) tally.add(hold.day, hold);
    return { days, holds, asked: [...tally.asked].map(([id, atMs]) => ({ id, agoMs: nowMs - atMs })) };
  }

  chill(key: string): void {
    this.tallies.delete(key);
    this.nonces.delete(key);
  }

  private tally(key: string, nowMs: number): Tally | undefined {
    const tally = this.tallies.get(key, nowMs);
    if (tally !== undefined) this.tallies.set(key, tally, nowMs + IDLE_MS, nowMs);
    return tally;
  }

  private coldOf(key: string, proposed: string, nowMs: number): ColdCounter {
    const nonce = this.nonces.get(key, nowMs) ?? proposed;
    this.nonces.set(key, nonce, nowMs + MINUTE_MS, nowMs);
    return { key, nonce };
  }
}

function overOf(
  tally: Tally,
  hold: Hold,
  budgets: readonly Budget[],
  perMinute: number | undefined,
  nowMs: number,
): number | { retryAfterMs: number } | undefined {
  const retryAfterMs = perMinute === undefined ? undefined : tally.rateWaitMs(hold.id, perMinute, nowMs);
  if (retryAfterMs !== undefined) return { retryAfterMs: Math.ceil(retryAfterMs) };
  const over = budgets.findIndex((budget) => tally.used(budget) + hold[budget.unit] > budget.max);
  return over === -1 ? undefined : over;
}
