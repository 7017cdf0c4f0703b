import { anAccount } from '../../../test/support/account-snapshots.js';
import { aWindow, decided, HOUR, idsOf, NOW } from '../../../test/support/routing.js';
import type { RoutingStrategy } from '../../core/index.js';
import type { AccountSnapshot } from '../../upstream/index.js';
import type { RoutingCall } from './routing-call.js';

type Over = Partial<AccountSnapshot>;

/** Accounts of whose quota so much is used, and what else is said of them. */
const some = (accounts: Record<string, Over & { used?: number }>) =>
  Object.entries(accounts).map(([id, { used = 10, ...over }]) =>
    anAccount(id, { windows: [aWindow(used)], maxConcurrent: 10, ...over }),
  );
const under =
  (strategy: RoutingStrategy) =>
  (accounts: Record<string, Over & { used?: number }>, call: Partial<RoutingCall> = {}) =>
    idsOf(decided(some(accounts), call, { strategy }).candidates).join('');
const pulse = (over: Partial<AccountSnapshot['pulse']>): Over => ({ pulse: { failureShare: 0, ...over } });

describe('balanced', () => {
  const order = under('balanced');

  it('prefers the emptiest, then the idlest, then the lowest id', () => {
    expect(order({ d: { used: 80 }, c: { openExchanges: 2 }, b: { openExchanges: 1 }, a: { openExchanges: 1 } })).toBe(
      'abcd',
    );
  });

  it('measures an account by its fullest window', () => {
    expect(order({ a: { windows: [aWindow(5), aWindow(90, { windowMinutes: 10_080 })] }, b: { used: 50 } })).toBe('ba');
  });

  it('measures no account by the meter of another model', () => {
    expect(order({ a: { windows: [aWindow(5), aWindow(99, { limitId: 'codex_spark' })] }, b: { used: 50 } })).toBe(
      'ab',
    );
  });

  it('leaves an empty account that is busy for a fuller one that is idle', () => {
    expect(order({ a: { used: 10, openExchanges: 9 }, b: { used: 30 } })).toBe('ba');
    expect(order({ a: { used: 10, openExchanges: 1 }, b: { used: 30 } })).toBe('ab');
  });

  it('discounts accounts that fail', () => {
    expect(order({ a: { used: 10, ...pulse({ failureShare: 0.5 }) }, b: { used: 30 } })).toBe('ba');
  });

  it('discounts slow accounts, but not for a little', () => {
    expect(order({ a: { used: 10, ...pulse({ ttftMs: 9_000 }) }, b: { used: 30, ...pulse({ ttftMs: 900 }) } })).toBe(
      'ba',
    );
    expect(order({ a: { used: 10, ...pulse({ ttftMs: 1_300 }) }, b: { used: 12, ...pulse({ ttftMs: 900 }) } })).toBe(
      'ab',
    );
    expect(order({ a: { used: 10, ...pulse({ ttftMs: 90 }) }, b: { used: 11, ...pulse({ ttftMs: 9 }) } })).toBe('ab');
  });

  it('tries accounts of whose speed nothing is known', () => {
    expect(order({ a: { ...pulse({ ttftMs: 2_000 }) }, b: {}, c: { ...pulse({ ttftMs: 500 }) } })).toBe('bca');
  });

  it('says what the cost of a candidate is made of', () => {
    const over = { used: 50, openExchanges: 5, ...pulse({ failureShare: 0.1, ttftMs: 3_000 }) };
    const { candidates } = decided(some({ a: { ...pulse({ ttftMs: 1_000 }) }, b: over }));
    expect(candidates[1]?.scores).toEqual({ cost: 40, pressure: 50, failures: 10, load: 50, slowness: 50 });
  });
});

describe('bridge_ring', () => {
  it('gives each seed an order of its own, by SHA-256 of seed and id', () => {
    const order = under('bridge_ring');
    // SHA-256 of `1:a` begins with 41, of `1:b` with 6f, of `1:c` with b8; the highest goes first.
    expect(order({ a: {}, b: {}, c: {} }, { seed: '1' })).toBe('cba');
    expect(order({ a: {}, b: {}, c: { used: 90, openExchanges: 9 } }, { seed: '1' })).toBe('cba');
    expect(order({ a: {}, b: {}, c: { windows: [] } }, { seed: '1' })).toBe('bac');
    expect(order({ a: {}, b: {}, c: {} }, { seed: '2' })).not.toBe('cba');
  });
});

describe('deterministic_rotation', () => {
  it('goes round the accounts in the order in which they came, begun where the seed says', () => {
    const order = under('deterministic_rotation');
    const accounts = { a: { createdAtMs: 3 }, b: { createdAtMs: 1 }, c: { createdAtMs: 2 }, d: { createdAtMs: 2 } };
    const seen = new Set(Array.from({ length: 16 }, (_, seed) => order(accounts, { seed: seed.toString(16) })));
    expect([...seen].sort()).toEqual(['abcd', 'bcda', 'cdab', 'dabc']);
  });
});

describe('least_recent_success', () => {
  it('prefers the account whose last success is longest ago, first of all those that never had one', () => {
    const at = (ms: number) => pulse({ lastSuccessAtMs: ms });
    expect(under('least_recent_success')({ a: at(3), b: at(1), c: {}, d: at(2) })).toBe('cbda');
  });
});

describe('quota_first', () => {
  it('prefers the account with the most capacity left, and among equals the idlest', () => {
    const accounts = { a: { used: 40 }, b: { used: 20, openExchanges: 3 }, c: { used: 20 }, d: { used: 60 } };
    expect(under('quota_first')(accounts)).toBe('cbad');
  });
});

describe('soonest_reset', () => {
  const order = under('soonest_reset');
  const hours = (inHours: number, used = 10) => aWindow(used, { windowMinutes: 300, resetsAtMs: NOW + inHours * HOUR });
  const week = (inHours: number, used = 10) =>
    aWindow(used, { windowMinutes: 10_080, resetsAtMs: NOW + inHours * HOUR });

  it('spends first what expires first, by weekly windows before those of hours', () => {
    expect(
      order({
        a: { windows: [hours(1)] },
        b: { windows: [hours(1), week(90)] },
        c: { windows: [hours(4), week(20)] },
        d: { windows: [week(160)] },
        e: { windows: [hours(3)] },
      }),
    ).toBe('cbdae');
  });

  it('has accounts with nothing to lose behind: of no known window, or whose week is spent and that live on credits', () => {
    const credits = { available: true, unlimited: false };
    const meters = [{ limitId: 'codex', source: 'usage', credits, allowed: true, observedAtMs: NOW }] as const;
    expect(
      order({
        a: { windows: [], meters: [{ ...meters[0] }] },
        b: { windows: [week(2, 100)], meters: [...meters] },
        c: { windows: [week(99)] },
      }),
    ).toBe('cab');
  });
});

describe('priority', () => {
  const order = under('priority');

  it('serves tier by tier, balanced inside of each', () => {
    const accounts = {
      a: { priority: 1 },
      b: { priority: 0, used: 90 },
      c: { priority: 0, used: 80 },
      d: { priority: 2 },
    };
    expect(order(accounts)).toBe('cbad');
  });

  it('goes to the next tier when nobody of the one before may serve, or all of them are busy', () => {
    expect(order({ a: { priority: 1 }, b: { used: 100 }, c: { openExchanges: 10 } })).toBe('a');
    expect(order({ a: { priority: 1 }, b: { used: 100 }, c: { openExchanges: 9 } })).toBe('ca');
  });

  it('keeps to a tier of whose quota nothing is known', () => {
    expect(order({ a: { priority: 1 }, b: { windows: [] }, c: {} })).toBe('cba');
  });

  it('names the tier among the scores', () => {
    const { candidates } = decided(some({ a: { priority: 7 } }), {}, { strategy: 'priority' });
    expect(candidates[0]?.scores).toMatchObject({ tier: 7, cost: 4 });
  });
});

describe('every other strategy', () => {
  it('pays no heed to tiers', () => {
    expect(under('balanced')({ a: { priority: 9, used: 1 }, b: {} })).toBe('ab');
  });
});
