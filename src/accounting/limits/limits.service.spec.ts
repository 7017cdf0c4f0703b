import { Logger } from '@nestjs/common';
import type { UsageLimit } from '../../core/index.js';
import { MemorySharedState } from '../../platform/shared-state/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { aCall, keyLimit, limitsOf, newKey, newPool, poolLimit, settleInLedger } from '../../../test/support/limits.js';
import { LimitStatusService } from './limit-status.service.js';
import { dayOf, startOfDayMs } from './windows.js';

describe('LimitsService', () => {
  const database = useDatabase();
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(ends.splice(0).map((end) => end()));
  });

  const alone = (shared = new MemorySharedState(() => performance.now())) => {
    const process = limitsOf(database.dataSource(), shared);
    ends.push(process.end);
    return { ...process, shared };
  };
  const contents = async ({ shared, store }: ReturnType<typeof alone>, limit: UsageLimit) => {
    const key = store.liveKey(`${limit.scope}:${limit.id}:${limit.model ?? ''}`);
    return (await shared.counters.contents([key ?? '']))[0];
  };
  const told = () => new Promise((done) => setImmediate(() => setImmediate(done)));

  it('does nothing where nothing limits a call', async () => {
    const { limits, store } = alone();
    const asked = jest.spyOn(store, 'hold');
    const key = newKey();
    const other = keyLimit(key, { model: 'o*', tokensPerDay: 1 });
    const perCall = keyLimit(key, { maxInputTokens: 1 });
    const all = await Promise.all(
      [undefined, [], [other], [perCall]].map((given) => limits.reserve(aCall(key), given)),
    );
    expect([all, asked.mock.calls]).toEqual([[undefined, undefined, undefined, undefined], []]);
  });

  it.each([
    ['max_input_tokens', { maxInputTokens: 9 }, { input: 10 }],
    ['max_output_tokens', { maxOutputTokens: 9 }, { maxOutputTokens: 10 }],
    ['tokens_per_day', { tokensPerDay: 9, tokensPerWeek: 100 }, { input: 5, output: 5 }],
    ['tokens_per_week', { tokensPerWeek: 9 }, { input: 10 }],
    ['usd_per_day', { nanoUsdPerDay: 9 }, { nanoUsd: 10 }],
    ['usd_per_week', { nanoUsdPerWeek: 9 }, { nanoUsd: 10 }],
    ['usd_per_month', { nanoUsdPerMonth: 9 }, { nanoUsd: 10 }],
  ])(
    'names %s as the limit that a call alone exceeds, and no time at which it would not',
    async (name, limit, call) => {
      const key = newKey();
      const refused = alone().limits.reserve(aCall(key, call), [keyLimit(key, limit)]);
      await expect(refused).rejects.toMatchObject({
        code: 'api_key_policy_limit_exceeded',
        status: 429,
        detail: { param: name },
      });
      await expect(refused).rejects.not.toMatchObject({ detail: { resetsAtMs: expect.any(Number) } });
    },
  );

  it('says when a limit has room again', async () => {
    const { limits } = alone();
    const key = newKey();
    const limit = keyLimit(key, { tokensPerDay: 2, requestsPerMinute: 2 });
    await limits.reserve(aCall(key), [limit]);
    const call = aCall(key, { input: 2 });
    await expect(limits.reserve(call, [limit])).rejects.toMatchObject({
      detail: { param: 'tokens_per_day', resetsAtMs: startOfDayMs(dayOf(call.receivedAtMs) + 1) },
    });
    await limits.reserve(aCall(key), [limit]);
    const tooMany = limits.reserve(aCall(key), [limit]);
    await expect(tooMany).rejects.toMatchObject({
      detail: { param: 'requests_per_minute', retryAfterMs: expect.any(Number) },
    });
  });

  it('counts what a call used, once, and nothing of one that was never sent', async () => {
    const process = alone();
    const key = newKey();
    const limit = keyLimit(key, { tokensPerDay: 100 });
    const [used, unsent] = [
      await process.limits.reserve(aCall(key, { input: 10 }), [limit]),
      await process.limits.reserve(aCall(key, { input: 20 }), [limit]),
    ];
    expect(used?.mustBeDurable).toBe(false);
    await used?.confirm();
    used?.settle({ tokens: 3, nanoUsd: 0 });
    used?.settle({ tokens: 50, nanoUsd: 0 });
    unsent?.release();
    unsent?.settle({ tokens: 50, nanoUsd: 0 });
    await told();
    expect(await contents(process, limit)).toMatchObject({ days: [{ tokens: 3 }], holds: [] });
  });

  it('gives back what is open when the process ends', async () => {
    const process = alone();
    const key = newKey();
    const limit = keyLimit(key, { tokensPerDay: 100 });
    await process.limits.reserve(aCall(key, { input: 10 }), [limit]);
    await process.holder.onApplicationShutdown();
    expect(await contents(process, limit)).toMatchObject({ days: [], holds: [] });
  });

  it('knows what was used before the process began', async () => {
    const key = newKey();
    const limit = keyLimit(key, { tokensPerWeek: 10 });
    const first = await alone().limits.reserve(aCall(key, { input: 9 }), [limit]);
    if (first) await settleInLedger(database.dataSource(), first, { tokens: 8, nanoUsd: 0 });
    const next = alone();
    await expect(next.limits.reserve(aCall(key, { input: 3 }), [limit])).rejects.toThrow('tokens_per_week');
    expect(await next.limits.reserve(aCall(key, { input: 2 }), [limit])).toBeDefined();
  });

  it('warns of a budget that is nearly used up, once', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const [key, pool] = [newKey(), newPool()];
    const { limits } = alone();
    const budgets = [poolLimit(pool, { nanoUsdPerMonth: 100, warnPercent: 80 })];
    for (const nanoUsd of [79, 1, 1]) await limits.reserve(aCall(key, { poolId: pool, nanoUsd }), budgets);
    await told();
    expect(warned.mock.calls.map(([text]) => String(text))).toEqual([expect.stringContaining('has used 80 of 100')]);
  });

  it('makes a counter right that has drifted, and says by how much', async () => {
    const process = alone();
    const key = newKey();
    const limit = keyLimit(key, { tokensPerDay: 100 });
    const open = await process.limits.reserve(aCall(key, { input: 10 }), [limit]);
    expect(await process.rebuild.rebuild([limit])).toMatchObject({ live: 1, repaired: 0 });
    const lost = await alone().limits.reserve(aCall(key), [limit]);
    if (lost) await settleInLedger(database.dataSource(), lost, { tokens: 7, nanoUsd: 5 });
    const found = { scope: 'key', id: key, tokens: 7, nanoUsd: 5 };
    expect(await process.rebuild.rebuild([limit, limit])).toEqual({
      live: 1,
      repaired: 1,
      tokens: 7,
      nanoUsd: 5,
      drifted: [found],
    });
    expect(await process.rebuild.rebuild([limit])).toMatchObject({ live: 1, repaired: 0 });
    expect(await contents(process, limit)).toMatchObject({
      days: [{ tokens: 7, nanoUsd: 5 }],
      holds: [{ id: open?.record.call_id, tokens: 10 }],
    });
  });

  it('tells how much of each limit is used, and when there is more', async () => {
    const key = newKey();
    const process = alone();
    const all = [keyLimit(key, { tokensPerDay: 100, nanoUsdPerMonth: 10, warnPercent: 50, maxInputTokens: 7 })];
    const call = aCall(key, { nanoUsd: 1 });
    const reservation = await process.limits.reserve(call, all);
    if (reservation) await settleInLedger(database.dataSource(), reservation, { tokens: 30, nanoUsd: 5 });
    const statuses = await new LimitStatusService(process.truth).statusOf(all, call.receivedAtMs);
    expect(statuses).toMatchObject([
      { limit: 'tokens_per_day', window: 'day', max: 100, current: 30, reserved: 0, remaining: 70, warned: false },
      { limit: 'usd_per_month', window: 'month', max: 10, current: 5, remaining: 5, warned: true },
      { limit: 'max_input_tokens', window: 'request', max: 7, current: 0, remaining: 7 },
    ]);
    expect(statuses[0]?.resetsAtMs).toBe(startOfDayMs(dayOf(call.receivedAtMs) + 1));
  });
});
