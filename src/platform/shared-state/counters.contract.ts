import { randomUUID } from 'node:crypto';
import type { Budget, Counter, CounterContents, Hold } from './counters.js';
import type { SharedStateUnderTest } from './under-test.contract.js';

const SOON_MS = 40;
const LATER_MS = 60_000;
const TODAY = 20_000;
const EMPTY: CounterContents = { days: [], holds: [], asked: [] };

const tokens = (max: number, fromDay = TODAY, untilDay = TODAY): Budget => ({ unit: 'tokens', fromDay, untilDay, max });
const aHold = (amount: number, given: Partial<Hold> = {}): Hold => {
  return { id: randomUUID(), day: TODAY, tokens: amount, nanoUsd: 0, ...given };
};

export function describeCounters({ state, until }: SharedStateUnderTest): void {
  const counters = () => state().counters;
  const aKey = async (contents = EMPTY): Promise<string> => {
    const key = randomUUID();
    await fill(key, contents);
    return key;
  };
  const fill = async (key: string, contents: CounterContents) => {
    const answer = await counters().hold(aHold(0), [{ key, budgets: [] }], LATER_MS);
    if (answer.result !== 'cold') throw new Error('It was filled already.');
    for (const cold of answer.cold) expect(await counters().fill(cold, contents)).toBe(true);
  };
  const ask = (hold: Hold, ...wanted: Counter[]) => counters().hold(hold, wanted, LATER_MS);
  const contents = async (key: string) => (await counters().contents([key]))[0];

  it('holds as much as a counter has room for, and then nothing', async () => {
    const counter = { key: await aKey(), budgets: [tokens(10)] };
    const answers = await Promise.all([6, 4, 1].map((amount) => ask(aHold(amount), counter)));
    expect(answers).toMatchObject([
      { result: 'held', used: [[6]] },
      { result: 'held', used: [[10]] },
      { result: 'full', counter: 0, over: 0, days: [{ day: TODAY, tokens: 10, nanoUsd: 0 }] },
    ]);
  });

  it('never holds more than there is room for when many come at once', async () => {
    const counter = { key: await aKey(), budgets: [tokens(7)] };
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(aHold(1), counter)));
    expect(answers.filter(({ result }) => result === 'held')).toHaveLength(7);
  });

  it('takes nothing from a counter when another one refuses', async () => {
    const [wide, narrow] = [await aKey(), await aKey()];
    const both = [
      { key: wide, perMinute: 5, budgets: [tokens(100)] },
      { key: narrow, budgets: [tokens(1)] },
    ];
    expect(await ask(aHold(2), ...both)).toMatchObject({ result: 'full', counter: 1, over: 0 });
    expect(await contents(wide)).toEqual(EMPTY);
  });

  it('says which bound is exceeded', async () => {
    const budgets = [tokens(100), { ...tokens(5), unit: 'nanoUsd' as const }, tokens(1)];
    const counter = { key: await aKey(), budgets };
    expect(await ask(aHold(2, { nanoUsd: 9 }), counter)).toMatchObject({ over: 1 });
    expect(await ask(aHold(2), counter)).toMatchObject({ over: 2 });
  });

  it('sums the days of a bound only', async () => {
    const days = [-7, -6, 0, 1].map((ago) => ({ day: TODAY + ago, tokens: 10, nanoUsd: 1 }));
    const counter = { key: await aKey({ ...EMPTY, days }), budgets: [tokens(100), tokens(100, TODAY - 6, TODAY + 1)] };
    expect(await ask(aHold(1), counter)).toMatchObject({ used: [[11, 31]] });
  });

  it('asks the same question again for a hold that is in', async () => {
    const counter = { key: await aKey(), perMinute: 1, budgets: [tokens(10)] };
    const hold = aHold(10);
    const answers = [await ask(hold, counter), await ask(hold, counter)];
    expect(answers.map(({ result }) => result)).toEqual(['held', 'held']);
    expect((await contents(counter.key))?.holds).toHaveLength(1);
  });

  it('takes a hold out that is in although there is too much, until there is not', async () => {
    const holds = ['a', 'b', 'c'].map((id) => ({ ...aHold(1, { id }), endsInMs: LATER_MS }));
    const counter = { key: await aKey({ ...EMPTY, holds }), budgets: [tokens(2)] };
    const answers = [];
    for (const id of ['a', 'b', 'c']) answers.push(await ask(aHold(1, { id }), counter));
    expect(answers.map(({ result }) => result)).toEqual(['full', 'held', 'held']);
  });

  it('lets so many come in a minute, and says when the next one may', async () => {
    const asked = [
      { id: 'old', agoMs: 59_000 },
      { id: 'new', agoMs: 1_000 },
    ];
    const counter = { key: await aKey({ ...EMPTY, asked }), perMinute: 3, budgets: [] };
    expect((await ask(aHold(0), counter)).result).toBe('held');
    const refused = await ask(aHold(0), counter);
    const over = refused.result === 'full' ? refused.over : undefined;
    expect(typeof over === 'object' && over.retryAfterMs).toBeGreaterThan(0);
    expect(typeof over === 'object' && over.retryAfterMs).toBeLessThanOrEqual(1_000);
    expect(await ask(aHold(0), { ...counter, perMinute: 2 })).not.toEqual(refused);
  });

  it('lets the next one come when a minute is over', async () => {
    const asked = [{ id: 'old', agoMs: 60_000 - SOON_MS }];
    const counter = { key: await aKey({ ...EMPTY, asked }), perMinute: 1, budgets: [] };
    expect((await ask(aHold(0), counter)).result).toBe('full');
    await until(async () => (await ask(aHold(0), counter)).result === 'held');
  });

  it('puts what was used in the place of a hold, once', async () => {
    const key = await aKey();
    const hold = aHold(10, { nanoUsd: 7 });
    await ask(hold, { key, budgets: [] });
    for (let n = 0; n < 2; n += 1) {
      await counters().settleHolds([{ keys: [key], id: hold.id, day: TODAY, tokens: 3, nanoUsd: 0 }]);
    }
    expect(await contents(key)).toMatchObject({ days: [{ day: TODAY, tokens: 3, nanoUsd: 0 }], holds: [] });
  });

  it('gives back what is held when it ends, unless it is renewed', async () => {
    const key = await aKey();
    const [ends, stays] = [aHold(1), aHold(2)];
    for (const hold of [ends, stays]) await counters().hold(hold, [{ key, budgets: [] }], SOON_MS);
    await counters().renewHolds([{ keys: [key], hold: stays }], LATER_MS);
    const left = await until(async () => {
      const now = await contents(key);
      return now?.holds.length === 1 ? now : undefined;
    });
    expect(left.holds).toMatchObject([{ id: stays.id, day: TODAY, tokens: 2, nanoUsd: 0 }]);
    expect(await ask(aHold(0), { key, budgets: [tokens(9)] })).toMatchObject({ used: [[2]] });
  });

  it('has a hold again that is renewed although it was lost', async () => {
    const key = await aKey();
    const many = Array.from({ length: 150 }, () => ({ keys: [key, randomUUID()], hold: aHold(1) }));
    await counters().renewHolds(many, LATER_MS);
    expect((await contents(key))?.holds).toHaveLength(150);
  });

  it('answers nothing from a counter that is cold, and takes nothing from the others', async () => {
    const warm = await aKey();
    const cold = randomUUID();
    const answer = await ask(aHold(1), { key: warm, budgets: [] }, { key: cold, budgets: [] });
    expect(answer).toEqual({ result: 'cold', cold: [{ key: cold, nonce: expect.any(String) }] });
    expect([await contents(warm), await contents(cold)]).toEqual([EMPTY, undefined]);
  });

  it('is filled once, by whoever comes first', async () => {
    const key = randomUUID();
    const colds = await Promise.all([1, 2].map(() => ask(aHold(1), { key, budgets: [] })));
    const filled = [];
    for (const answer of colds) {
      if (answer.result === 'cold') for (const cold of answer.cold) filled.push(await counters().fill(cold, EMPTY));
    }
    expect(filled).toEqual([true, false]);
  });

  it('is not filled with what was read before it was lost again', async () => {
    const key = randomUUID();
    const early = await ask(aHold(1), { key, budgets: [] });
    await counters().chill([key]);
    await fill(key, { ...EMPTY, days: [{ day: TODAY, tokens: 5, nanoUsd: 0 }] });
    await counters().chill([key]);
    const late =
      early.result === 'cold' ? await counters().fill(early.cold[0] ?? { key, nonce: '' }, EMPTY) : undefined;
    expect([late, await contents(key)]).toEqual([false, undefined]);
  });

  it('tells all that there is in a counter', async () => {
    const full: CounterContents = {
      days: [{ day: TODAY - 1, tokens: 9_007_199_254_740_000, nanoUsd: 3 }],
      holds: [{ id: 'h', day: TODAY, tokens: 1, nanoUsd: 2, endsInMs: LATER_MS }],
      asked: [{ id: 'a', agoMs: 1_000 }],
    };
    const told = await contents(await aKey(full));
    expect(told).toEqual({
      days: full.days,
      holds: [{ id: 'h', day: TODAY, tokens: 1, nanoUsd: 2, endsInMs: expect.any(Number) }],
      asked: [{ id: 'a', agoMs: expect.any(Number) }],
    });
  });
}
