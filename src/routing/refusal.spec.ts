import { anAccount } from '../../test/support/account-snapshots.js';
import { aWindow, decided, HOUR, NOW } from '../../test/support/routing.js';
import type { AccountId } from '../core/index.js';
import type { AccountSnapshot } from '../upstream/index.js';
import { refusalOf, soonestClear } from './refusal.js';

const spent = (id: string, hours = 1) => anAccount(id, { windows: [aWindow(100, { resetsAtMs: NOW + hours * HOUR })] });
const cooling = (id: string, ms: number) =>
  anAccount(id, { coolingUntilMs: NOW + ms, coolingReason: 'upstream_rate_limited' });
const saturated = (id: string) => anAccount(id, { openExchanges: 64 });
const paused = (id: string) => anAccount(id, { status: 'paused' });
const lost = (id: string) => anAccount(id, { status: 'login_required' });
const other = (id: string) => anAccount(id, { models: new Set(['other']) });
const bound = (id: string) => ({ pin: { id: id as AccountId, required: true, reason: 'stored' } }) as const;

const refusal = (
  accounts: readonly AccountSnapshot[],
  ...more: Parameters<typeof decided> extends [unknown, ...infer R] ? R : never
) => refusalOf(decided(accounts, ...more), NOW);

describe('a call that nobody may serve', () => {
  it('meets a usage limit with the earliest reset when all that serve the model are spent', () => {
    expect(refusal([spent('a', 2), spent('b', 1), other('c')])).toMatchObject({
      code: 'usage_limit_reached',
      status: 429,
      detail: { resetsAtMs: NOW + HOUR },
    });
  });

  it('meets a usage limit although others wait for an operator', () => {
    expect(refusal([spent('a'), paused('b'), lost('c')])).toMatchObject({
      code: 'usage_limit_reached',
      detail: { resetsAtMs: NOW + HOUR },
    });
  });

  it('meets a usage limit when the spent ones are resting as well', () => {
    const both = anAccount('a', { coolingUntilMs: NOW + 5_000, windows: [aWindow(100)] });
    expect(refusal([both])).toMatchObject({ code: 'usage_limit_reached', detail: { resetsAtMs: NOW + HOUR } });
  });

  it('meets a usage limit of accounts that it has found spent itself', () => {
    const tried: ReadonlySet<AccountId> = new Set(['a' as AccountId]);
    expect(refusal([spent('a')], { tried })).toMatchObject({ detail: { resetsAtMs: NOW + HOUR } });
  });

  it('meets no usage limit while an account is only resting or busy', () => {
    expect(refusal([spent('a'), cooling('b', 5_000)])).toMatchObject({ code: 'no_eligible_backend', status: 503 });
    expect(refusal([spent('a'), saturated('b')])).toMatchObject({ code: 'no_eligible_backend' });
  });

  it('is itself to blame when no account lists the model, whatever else keeps them', () => {
    const unlisted = { code: 'invalid_model', detail: { param: 'model', unlisted: true } };
    expect(refusal([other('a')])).toMatchObject(unlisted);
    expect(refusal([other('a'), { ...other('b'), status: 'login_required' }])).toMatchObject(unlisted);
    expect(refusal([other('a'), lost('b')])).toMatchObject({ code: 'no_eligible_backend' });
  });

  it('has nobody to ask in an empty Pool', () => {
    expect(refusal([])).toMatchObject({ code: 'no_eligible_backend', detail: { param: 'model' } });
  });

  it('learns when to come back if that is soon', () => {
    expect(refusal([cooling('a', 9_000), cooling('b', 3_000)]).detail).toMatchObject({ retryAfterMs: 3_000 });
    expect(refusal([saturated('a')]).detail).toMatchObject({ retryAfterMs: 1_000 });
    expect(refusal([cooling('a', HOUR)]).detail).not.toHaveProperty('retryAfterMs');
    expect(refusal([paused('a')]).detail).not.toHaveProperty('retryAfterMs');
  });
});

describe('a call that only one account can go on with', () => {
  it.each([
    ['paused', paused('b')],
    ['resting', cooling('b', 5_000)],
    ['of another Pool by now', anAccount('c')],
  ])('is to start again when that one is %s', (_, account) => {
    expect(refusal([anAccount('a'), account], bound('b'))).toMatchObject({
      code: 'pinned_continuation_unavailable',
      status: 503,
    });
  });

  it('is to start again, or to wait for an operator, when that one needs a login', () => {
    expect(refusal([anAccount('a'), lost('b')], bound('b'))).toMatchObject({
      code: 'pinned_continuation_reauth_required',
      status: 503,
    });
  });

  it('meets a usage limit with its own reset when that one is spent', () => {
    expect(refusal([anAccount('a'), spent('b', 2)], bound('b'))).toMatchObject({
      code: 'usage_limit_reached',
      detail: { resetsAtMs: NOW + 2 * HOUR },
    });
  });
});

describe('the soonest end of waiting', () => {
  const soonest = (...given: Parameters<typeof decided>) => soonestClear(decided(...given));

  it('is when the first account is back from all that keeps it', () => {
    expect(soonest([cooling('a', 9_000), cooling('b', 3_000), spent('c')])).toBe(NOW + 3_000);
    expect(soonest([{ ...cooling('a', 3_000), windows: [aWindow(100)] }])).toBe(NOW + HOUR);
  });

  it('is any moment while an account is only busy', () => {
    expect(soonest([saturated('a'), cooling('b', 3_000)])).toBe(NOW);
  });

  it('is never for accounts that wait for somebody, that were asked before, or that the call cannot go to', () => {
    expect(soonest([paused('a'), lost('b'), other('c')])).toBeUndefined();
    expect(soonest([cooling('a', 1)], { tried: new Set(['a' as AccountId]) })).toBeUndefined();
    expect(soonest([cooling('a', 1), paused('b')], bound('b'))).toBeUndefined();
    expect(soonest([cooling('a', 1), cooling('b', 9_000)], bound('b'))).toBe(NOW + 9_000);
  });

  it('is never once the ring is used up', () => {
    expect(soonest([cooling('a', 1)], { tried: new Set(['b' as AccountId]) }, { ringSize: 1 })).toBeUndefined();
  });
});
