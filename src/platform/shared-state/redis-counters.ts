import { randomUUID } from 'node:crypto';
import type { RedisClient } from '../redis/index.js';
import { defineCounterScripts } from './counter-scripts.js';
import type {
  ColdCounter,
  Counter,
  CounterContents,
  Counters,
  DaySum,
  FilledHold,
  HeldIn,
  Hold,
  HoldAnswer,
  Settled,
} from './counters.js';

/** How much one script changes, so that it holds up nobody else for more than a fraction of a millisecond. */
const CHANGED_AT_ONCE = 100;
const UNITS = ['tokens', 'nanoUsd'] as const;

/** One thing that is done to a hold in one counter. */
type Change = readonly [key: string, ...words: readonly (string | number)[]];

/** The counters in Redis. The braces bring all to one node of a Cluster: a call is held in several at once. */
export class RedisCounters implements Counters {
  /** @param answer makes a failure of Redis one of the shared state */
  constructor(
    private readonly client: RedisClient,
    private readonly namespace: string,
    private readonly answer: <T>(reply: Promise<T>) => Promise<T>,
  ) {
    defineCounterScripts(client);
  }

  async hold(hold: Hold, counters: readonly Counter[], ttlMs: number): Promise<HoldAnswer> {
    const keys = counters.flatMap(({ key }) => this.pair(key));
    const bounds = counters.flatMap(({ perMinute = -1, budgets }) => [
      perMinute,
      budgets.length,
      ...budgets.flatMap(({ unit, fromDay, untilDay, max }) => [UNITS.indexOf(unit) + 1, fromDay, untilDay, max]),
    ]);
    const words = [hold.id, hold.day, hold.tokens, hold.nanoUsd, Math.ceil(ttlMs), randomUUID(), ...bounds];
    return holdAnswer(await this.answer(this.client.sharedHold(keys.length, ...keys, ...words)), counters);
  }

  async fill({ key, nonce }: ColdCounter, { days, holds, asked }: CounterContents): Promise<boolean> {
    const words = [
      ...days.flatMap(({ day, tokens, nanoUsd }) => [day, tokens, nanoUsd]),
      ...holds.flatMap(({ id, day, tokens, nanoUsd, endsInMs }) => [id, day, tokens, nanoUsd, Math.ceil(endsInMs)]),
      ...asked.flatMap(({ id, agoMs }) => [id, Math.floor(agoMs)]),
    ];
    const counts = [days.length, holds.length, asked.length];
    const keys = this.pair(key);
    return (await this.answer(this.client.sharedFill(keys.length, ...keys, nonce, ...counts, ...words))) === 1;
  }

  async renewHolds(held: readonly HeldIn[], ttlMs: number): Promise<void> {
    const changes = held.flatMap(({ keys, hold: { id, day, tokens, nanoUsd } }) =>
      keys.map((key): Change => [key, id, day, tokens, nanoUsd]),
    );
    await this.change(changes, (keys, words) =>
      this.client.sharedRenewHolds(keys.length, ...keys, Math.ceil(ttlMs), ...words),
    );
  }

  async settleHolds(settled: readonly Settled[]): Promise<void> {
    const changes = settled.flatMap(({ keys, id, day, tokens, nanoUsd }) =>
      keys.map((key): Change => [key, id, day, tokens, nanoUsd]),
    );
    await this.change(changes, (keys, words) => this.client.sharedSettleHolds(keys.length, ...keys, ...words));
  }

  async contents(keys: readonly string[]): Promise<(CounterContents | undefined)[]> {
    const read = async (key: string): Promise<CounterContents | undefined> => {
      const [now, sums, asked] = await this.answer(this.client.sharedContents(2, ...this.pair(key)));
      return now === undefined ? undefined : contentsOf(Number(now), sums ?? [], asked ?? []);
    };
    return Promise.all(keys.map(read));
  }

  async chill(keys: readonly string[]): Promise<void> {
    const all = keys.flatMap((key) => this.pair(key));
    if (all.length > 0) await this.answer(this.client.del(...all));
  }

  private async change(
    changes: readonly Change[],
    run: (keys: readonly string[], words: readonly (string | number)[]) => Promise<null>,
  ): Promise<void> {
    const chunks = Array.from({ length: Math.ceil(changes.length / CHANGED_AT_ONCE) }, (_, at) =>
      changes.slice(at * CHANGED_AT_ONCE, (at + 1) * CHANGED_AT_ONCE),
    );
    const chunk = (part: readonly Change[]) => {
      const numbers = new Map<string, number>();
      for (const [key] of part) if (!numbers.has(key)) numbers.set(key, numbers.size + 1);
      const keys = [...numbers.keys()].flatMap((key) => this.pair(key));
      return run(
        keys,
        part.flatMap(([key, ...words]) => [numbers.get(key) ?? 0, ...words]),
      );
    };
    await this.answer(Promise.all(chunks.map(chunk)));
  }

  private pair(key: string): [sums: string, asked: string] {
    return [`${this.namespace}:counter:{counters}:${key}`, `${this.namespace}:asked:{counters}:${key}`];
  }
}

function holdAnswer([result, ...words]: readonly (string | number)[], counters: readonly Counter[]): HoldAnswer {
  if (result === 'cold') {
    const cold = counters.map(({ key }, at) => ({ key, nonce: String(words[at]) }));
    return { result, cold: cold.filter(({ nonce }) => nonce !== '') };
  }
  if (result === 'full') {
    const [counter, budget, retryAfterMs, ...sums] = words;
    const over = Number(budget) === 0 ? { retryAfterMs: Number(retryAfterMs) } : Number(budget) - 1;
    return { result, counter: Number(counter) - 1, over, days: daysOf(pairsOf(sums.map(String))) };
  }
  let at = 0;
  const used = counters.map(({ budgets }) => budgets.map(() => Number(words[at++])));
  return { result: 'held', used };
}

function contentsOf(nowMs: number, sums: readonly string[], asked: readonly string[]): CounterContents {
  const fields = pairsOf(sums);
  const holds = fields.flatMap(([field, value]): FilledHold | [] => {
    if (!field.startsWith('o')) return [];
    const [day = 0, tokens = 0, nanoUsd = 0, endsAtMs = 0] = value.split(' ').map(Number);
    return { id: field.slice(1), day, tokens, nanoUsd, endsInMs: endsAtMs - nowMs };
  });
  const days = new Map(daysOf(fields).map((sum) => [sum.day, { ...sum }]));
  for (const { day, tokens, nanoUsd } of holds) {
    const sum = days.get(day);
    if (sum) days.set(day, { day, tokens: sum.tokens - tokens, nanoUsd: sum.nanoUsd - nanoUsd });
  }
  return {
    days: [...days.values()].filter(({ tokens, nanoUsd }) => tokens !== 0 || nanoUsd !== 0),
    holds,
    asked: pairsOf(asked).flatMap(([id, atMs]) => (id === '' ? [] : { id, agoMs: nowMs - Number(atMs) })),
  };
}

function daysOf(fields: readonly (readonly [field: string, value: string])[]): DaySum[] {
  const days = new Map<number, { tokens: number; nanoUsd: number }>();
  for (const [field, value] of fields) {
    const [, unit, day] = /^(tokens|nanoUsd)(-?\d+)$/.exec(field) ?? [];
    if (unit === undefined || day === undefined) continue;
    const sum = days.get(Number(day)) ?? { tokens: 0, nanoUsd: 0 };
    days.set(Number(day), { ...sum, [unit]: Number(value) });
  }
  return [...days].map(([day, sum]) => ({ day, ...sum })).sort((a, b) => a.day - b.day);
}

const pairsOf = (words: readonly string[]): [string, string][] =>
  Array.from({ length: words.length / 2 }, (_, at) => [words[2 * at] ?? '', words[2 * at + 1] ?? '']);
