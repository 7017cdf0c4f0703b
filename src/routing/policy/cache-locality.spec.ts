import { anAccount } from '../../../test/support/account-snapshots.js';
import { aWindow, decided, idsOf } from '../../../test/support/routing.js';
import type { AccountId, RoutingPolicy } from '../../core/index.js';
import type { AccountSnapshot } from '../../upstream/index.js';
import type { RoutingCall } from './routing-call.js';

/** Seed `1` is nearest to `c`, then to `b`, then to `a`; the strategy alone would have it the other way round. */
const CACHE = { cacheSeed: '1' };
const pool = (over: Record<string, Partial<AccountSnapshot>> = {}) =>
  Object.entries({ a: 10, b: 12, c: 14 }).map(([id, used]) =>
    anAccount(id, { windows: [aWindow(used)], maxConcurrent: 10, ...over[id] }),
  );
const told = (
  accounts: readonly AccountSnapshot[],
  call: Partial<RoutingCall> = CACHE,
  routing: Partial<RoutingPolicy> = {},
) => {
  const { candidates, locality } = decided(accounts, call, routing);
  return [idsOf(candidates).join(''), locality];
};

describe('calls with one prompt cache key', () => {
  it('go to the account that is nearest to it, then to the next nearest', () => {
    expect(told(pool())).toEqual(['cba', 'applied']);
    expect(told(pool(), { ...CACHE, seed: 'ffff' })).toEqual(['cba', 'applied']);
    expect(decided(pool(), CACHE).candidates[0]?.scores).toMatchObject({ cacheDistance: expect.any(Number) });
  });

  it.each<[string, Partial<AccountSnapshot>, string]>([
    ['may not serve', { status: 'paused' }, 'ba'],
    ['is more than 25 points fuller than the emptiest', { windows: [aWindow(36)] }, 'bac'],
    ['has nine of ten places taken', { openExchanges: 9 }, 'bac'],
    ['fails half of its calls', { pulse: { failureShare: 0.5 } }, 'bac'],
    ['takes more than three times as long as the fastest', { pulse: { failureShare: 0, ttftMs: 3_100 } }, 'bac'],
    ['has no known quota', { windows: [] }, 'bac'],
  ])('do without the nearest when it %s', (_, over, expected) => {
    const fast = { pulse: { failureShare: 0, ttftMs: 1_000 } };
    expect(told(pool({ b: fast, c: over }))).toEqual([expected, 'applied']);
  });

  it('keep to the nearest while nothing much speaks against it', () => {
    const fast = { pulse: { failureShare: 0, ttftMs: 1_000 } };
    const worse = { windows: [aWindow(35)], openExchanges: 8, pulse: { failureShare: 0.4, ttftMs: 3_000 } };
    expect(told(pool({ b: fast, c: worse }))).toEqual(['cba', 'applied']);
  });

  it('stay in the best tier under priority', () => {
    const accounts = pool({ c: { priority: 1 } });
    expect(told(accounts, CACHE, { strategy: 'priority' })).toEqual(['bac', 'applied']);
  });
});

describe('a prompt cache key has no say', () => {
  it.each<[string, string, Partial<RoutingCall>, Partial<RoutingPolicy>]>([
    ['when there is none', 'no_key', {}, {}],
    ['where the Pool does not want it', 'off', CACHE, { cacheLocality: false }],
    [
      'for a call that goes on with an account',
      'pinned',
      { ...CACHE, pin: { id: 'a' as AccountId, required: false, reason: 'session' } },
      {},
    ],
  ])('%s', (_, locality, call, routing) => {
    expect(told(pool(), call, routing)).toEqual(['abc', locality]);
  });

  it('over a single account of the best kind', () => {
    expect(told(pool({ b: { windows: [] }, c: { windows: [] } }))).toEqual(['abc', 'one_account']);
    expect(told([])).toEqual(['', 'one_account']);
  });

  it('when no account is worth returning to', () => {
    const busy = { openExchanges: 9 };
    expect(told(pool({ a: busy, b: busy, c: busy }))).toEqual(['abc', 'nobody_fit']);
  });
});
