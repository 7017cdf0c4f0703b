import { randomUUID } from 'node:crypto';
import { holder } from '../../../test/support/asked-operations.js';
import { usePoolOperations } from '../../../test/support/pool-operations.js';
import type { LimitsView } from '../views/limit-view.js';

describe.each(['key', 'pool'] as const)('operations on the limits of a %s', (type) => {
  const house = usePoolOperations();
  const NONE = {
    requestsPerMinute: null,
    tokensPerDay: null,
    tokensPerWeek: null,
    maxInputTokens: null,
    maxOutputTokens: null,
    usdPerDay: null,
    usdPerWeek: null,
    usdPerMonth: null,
    warnPercent: null,
  };
  const owner = async () => {
    const pool = await house().pools.createPool(`p-${randomUUID()}`);
    const { key } = await house().keys.createKey(pool.id, 'ci');
    const [id, label] = type === 'key' ? [key.id, key.label] : [pool.id, pool.slug];
    const name = { [type]: type === 'key' ? key.prefix : pool.slug };
    const ask = (verb: string, input: object = {}, asked = {}) =>
      house().operations.ask<LimitsView>(`${type}Limits.${verb}`, { ...name, ...input }, asked);
    const codeOf = (verb: string, input: object = {}, asked = {}) =>
      house().operations.codeOf(`${type}Limits.${verb}`, { ...name, ...input }, asked);
    return { pool, id, label, name, ask, codeOf };
  };

  it('set what is said and leave the rest, and take away what is null', async () => {
    const { ask, id, label, pool } = await owner();
    await ask('set', { usdPerDay: '5', requestsPerMinute: 60, warnPercent: 80 });
    await ask('set', { model: 'GPT-5.5*', tokensPerWeek: 1_000_000 });
    const all = { ...NONE, model: null, usdPerDay: '5.00', requestsPerMinute: 60, warnPercent: 80 };
    expect(await ask('get')).toMatchObject({
      scope: type,
      id,
      label,
      poolId: pool.id,
      limits: [all, { ...NONE, model: 'gpt-5.5*', tokensPerWeek: 1_000_000 }],
    });
    await ask('set', { model: 'gpt-5.5*', tokensPerWeek: null });
    expect((await ask('set', { requestsPerMinute: null })).limits).toEqual([{ ...all, requestsPerMinute: null }]);
  });

  it('say how much of them is used and when there is more', async () => {
    const { ask } = await owner();
    await ask('set', { usdPerMonth: '0.25', maxInputTokens: 7 });
    const about = { scope: type, model: null, resetsAt: null, warned: false };
    const money = { unit: 'usd', max: '0.25', current: '0.00', reserved: '0.00', remaining: '0.25' };
    const tokens = { unit: 'tokens', max: 7, current: 0, reserved: 0, remaining: 7 };
    expect((await ask('get')).used).toEqual([
      { ...about, limit: 'usd_per_month', window: 'month', ...money },
      { ...about, limit: 'max_input_tokens', window: 'request', ...tokens },
    ]);
  });

  it('take them away, of all models or of one pattern, and say what is not there', async () => {
    const { ask, codeOf } = await owner();
    await ask('set', { tokensPerDay: 5 });
    await ask('set', { model: 'gpt-*', tokensPerDay: 3 });
    const before = await ask('get');
    const tried = await ask('remove', {}, { dryRun: true });
    expect(tried).toMatchObject({ dryRun: true, effects: ['What was set for all models limits no more calls.'] });
    expect(await ask('get')).toEqual(before);
    expect((await ask('remove')).limits).toEqual([{ ...NONE, model: 'gpt-*', tokensPerDay: 3 }]);
    expect(await codeOf('remove')).toBe('not_found');
    expect((await ask('remove', { model: 'GPT-*' })).limits).toEqual([]);
  });

  it('change only the version that is named', async () => {
    const { ask, codeOf, name } = await owner();
    const { version = '' } = await house().operations.done(`${type}Limits.get`, name);
    await ask('set', { tokensPerDay: 5 }, { ifMatch: version });
    expect(await codeOf('set', { tokensPerDay: 6 }, { ifMatch: version })).toBe('precondition_failed');
    expect((await ask('get')).limits).toEqual([{ ...NONE, model: null, tokensPerDay: 5 }]);
  });

  it('are for those who may, and see it', async () => {
    const { ask, codeOf, pool } = await owner();
    await ask('set', { tokensPerDay: 5 });
    const other = await house().pools.createPool(`p-${randomUUID()}`);
    const scope = `${type}s:write` as const;
    for (const verb of ['get', 'set', 'remove']) {
      expect(await codeOf(verb, {}, { as: holder([scope], [other.id]) })).toBe('not_found');
    }
    for (const verb of ['set', 'remove']) expect(await codeOf(verb, {}, { as: holder(['read']) })).toBe('forbidden');
    expect(await codeOf('get', {}, { as: holder(['read'], [pool.id]) })).toBe('ok');
    expect(await codeOf('set', { tokensPerDay: 6 }, { as: holder([scope], [pool.id]) })).toBe('ok');
  });

  it.each([
    [{ tokensPerDay: 0 }, 'invalid_input'],
    [{ tokensPerDay: 1.5 }, 'invalid_input'],
    [{ usdPerDay: 5 }, 'invalid_input'],
    [{ requestsPerMinute: 2 ** 31 }, 'unprocessable'],
    [{ warnPercent: 101 }, 'unprocessable'],
    [{ usdPerDay: '0' }, 'unprocessable'],
    [{ usdPerDay: '1e9' }, 'unprocessable'],
    [{ usdPerDay: '0.0000000001' }, 'unprocessable'],
    [{ model: 'a b', tokensPerDay: 1 }, 'unprocessable'],
  ])('refuse what is no limit: %j', async (input, code) => {
    const { codeOf } = await owner();
    expect(await codeOf('set', input)).toBe(code);
  });

  it('tell the audit whose they are, before and after', async () => {
    const { ask, id, label, pool } = await owner();
    await ask('set', { tokensPerDay: 5 });
    expect((await house().operations.events(`${type}.limit.set`)).at(-1)).toMatchObject({
      target_type: type,
      target_id: id,
      target_label: label,
      pool_id: pool.id,
      outcome: 'success',
      details: { before: { limits: [] }, after: { limits: [{ tokensPerDay: 5 }] } },
    });
  });
});
