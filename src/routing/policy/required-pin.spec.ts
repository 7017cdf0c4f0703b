import { anAccount } from '../../../test/support/account-snapshots.js';
import { decided, idsOf, NOW } from '../../../test/support/routing.js';
import type { AccountId } from '../../core/index.js';
import type { AccountSnapshot } from '../../upstream/index.js';

describe('a call that is bound to one account', () => {
  const bound = (accounts: AccountSnapshot[], id: string) =>
    decided(accounts, { pin: { id: id as AccountId, required: true, reason: 'file' } });

  it('asks no other, and says whether one could serve', () => {
    const decision = bound([anAccount('a'), anAccount('b')], 'b');
    expect(idsOf(decision.candidates)).toEqual(['b']);
    expect(decision).toMatchObject({
      pin: { id: 'b', required: true },
      elsewhere: true,
      exclusions: [{ accountId: 'a', reason: 'bound_elsewhere', evidence: { source: 'pin_file' } }],
    });
    expect(bound([anAccount('b')], 'b').elsewhere).toBe(false);
  });

  it('keeps the own reasons of those that could not serve anyway', () => {
    const decision = bound([anAccount('a', { status: 'paused' }), anAccount('b')], 'b');
    expect(decision).toMatchObject({
      elsewhere: false,
      exclusions: [{ accountId: 'a', reason: 'paused', also: ['bound_elsewhere'] }],
    });
  });

  it('has nobody while its account cools down, is paused or is gone', () => {
    const cooling = { coolingUntilMs: NOW + 1_000, coolingReason: 'upstream_rate_limited' };
    expect(bound([anAccount('a'), anAccount('b', cooling)], 'b')).toMatchObject({ candidates: [], elsewhere: true });
    expect(bound([anAccount('a'), anAccount('b', { status: 'paused' })], 'b').candidates).toEqual([]);
    expect(bound([anAccount('a')], 'gone').candidates).toEqual([]);
  });
});
