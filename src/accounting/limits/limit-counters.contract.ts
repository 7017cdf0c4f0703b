import type { UsageLimit } from '../../core/index.js';
import { aCall, keyLimit, newKey, newPool, poolLimit } from '../../../test/support/limits.js';
import type { HeldCall, LimitCounters, Verdict } from './limit-counters.js';
import { scopesOf } from './limit-scope.js';
import type { LimitedCall } from './limited-call.js';
import { dayOf } from './windows.js';

export interface LimitCountersUnderTest {
  counters(): LimitCounters;
  /** The call's row is committed; where a count is one with it, nothing happens. */
  commit(call: HeldCall): Promise<unknown>;
  /** The call is over: in the ledger, and wherever else it is told. */
  settle(call: HeldCall, keys: readonly string[], used: { tokens: number; nanoUsd: number }): Promise<void>;
}

const DAY_MS = 86_400_000;
const heldCall = (call: LimitedCall): HeldCall => {
  const hold = { id: call.id, day: dayOf(call.receivedAtMs), tokens: call.input, nanoUsd: call.nanoUsd };
  return {
    hold,
    record: {
      call_id: call.id,
      process_id: newPool(),
      pool_id: call.poolId,
      key_id: call.keyId,
      model: call.model,
      tokens: hold.tokens,
      nano_usd: hold.nanoUsd,
      received_at: new Date(call.receivedAtMs).toISOString(),
    },
  };
};

/** What every way to count keeps. */
export function describeLimitCounters(name: string, { counters, commit, settle }: LimitCountersUnderTest): void {
  const ask = async (limits: readonly UsageLimit[], call: LimitedCall): Promise<Verdict> => {
    const held = heldCall(call);
    const verdict = await counters().hold(held, scopesOf(limits, held.hold.day));
    if (verdict.result === 'held') await commit(held);
    return verdict;
  };
  const results = (verdicts: readonly Verdict[]) => verdicts.map(({ result }) => result);

  describe(`limits counted in ${name}`, () => {
    it('let in as many as there is room for when many come at once', async () => {
      const key = newKey();
      const limits = [keyLimit(key, { tokensPerDay: 7 }), keyLimit(key, { nanoUsdPerMonth: 1_000, model: 'gpt-*' })];
      const verdicts = await Promise.all(Array.from({ length: 40 }, () => ask(limits, aCall(key, { nanoUsd: 1 }))));
      expect(results(verdicts).filter((result) => result === 'held')).toHaveLength(7);
    });

    it('ask again for a call that is in', async () => {
      const [key, call] = [newKey(), { input: 10 }];
      const [limit, asked] = [keyLimit(key, { tokensPerDay: 10, requestsPerMinute: 1 }), aCall(key, call)];
      expect(results([await ask([limit], asked), await ask([limit], asked), await ask([limit], aCall(key))])).toEqual([
        'held',
        'held',
        'full',
      ]);
    });

    it('take nothing from one limit when another one refuses', async () => {
      const [key, pool] = [newKey(), newPool()];
      const both = [keyLimit(key, { tokensPerWeek: 10, requestsPerMinute: 2 }), poolLimit(pool, { tokensPerDay: 5 })];
      expect(await ask(both, aCall(key, { poolId: pool, input: 6 }))).toMatchObject({ result: 'full', counter: 1 });
      expect(await ask(both.slice(0, 1), aCall(key, { poolId: pool, input: 10 }))).toMatchObject({ used: [[10]] });
    });

    it('count what was used in the place of what was held', async () => {
      const key = newKey();
      const limit = keyLimit(key, { tokensPerDay: 10, nanoUsdPerWeek: 100 });
      const call = aCall(key, { input: 10, nanoUsd: 90 });
      await ask([limit], call);
      await settle(heldCall(call), [`key:${key}:`], { tokens: 4, nanoUsd: 30 });
      const verdicts = [await ask([limit], aCall(key, { input: 6, nanoUsd: 70 })), await ask([limit], aCall(key))];
      expect(verdicts).toMatchObject([{ used: [[10, 100]] }, { result: 'full', over: 0 }]);
    });

    it('count for the day in which a call came, and say what was used by day', async () => {
      const key = newKey();
      const limit = keyLimit(key, { tokensPerDay: 5, tokensPerWeek: 9 });
      const yesterday = aCall(key, { input: 5, receivedAtMs: Date.now() - DAY_MS });
      await ask([limit], yesterday);
      await settle(heldCall(yesterday), [`key:${key}:`], { tokens: 5, nanoUsd: 0 });
      await ask([limit], aCall(key, { input: 4 }));
      const today = dayOf(Date.now());
      expect(await ask([limit], aCall(key))).toEqual({
        result: 'full',
        counter: 0,
        over: 1,
        days: [
          { day: today - 1, tokens: 5, nanoUsd: 0 },
          { day: today, tokens: 4, nanoUsd: 0 },
        ],
      });
    });

    it('let so many come in a minute, and say when the next one may', async () => {
      const key = newKey();
      const limit = keyLimit(key, { requestsPerMinute: 2 });
      const verdicts = [];
      for (let n = 0; n < 3; n += 1) verdicts.push(await ask([limit], aCall(key)));
      expect(results(verdicts)).toEqual(['held', 'held', 'full']);
      const { over } = verdicts[2] as Extract<Verdict, { result: 'full' }>;
      expect(typeof over === 'object' && over.retryAfterMs).toBeGreaterThan(50_000);
      expect(typeof over === 'object' && over.retryAfterMs).toBeLessThanOrEqual(60_000);
    });

    it('count the models of a pattern only, whatever is in it', async () => {
      const key = newKey();
      const limit = keyLimit(key, { tokensPerDay: 1, model: 'a_%\\*-mini' });
      const other = aCall(key, { model: 'abc\\x-mini', input: 5 });
      await commit(heldCall(other));
      await settle(heldCall(other), [], { tokens: 5, nanoUsd: 0 });
      const call = () => aCall(key, { model: 'A_%\\x-MINI' });
      expect(results([await ask([limit], call()), await ask([limit], call())])).toEqual(['held', 'full']);
    });
  });
}
