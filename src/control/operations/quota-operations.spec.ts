import { PoolService } from '../../auth/index.js';
import { AccountAssignments } from '../../upstream/index.js';
import { anActor, controlOf } from '../../../test/support/control.js';
import { useGateway } from '../../../test/support/gateway.js';
import { ScriptedUpstream } from '../../../test/support/scripted-upstream/index.js';
import type { DriftView } from '../views/drift-view.js';
import type { QuotaView } from '../views/quota-view.js';

// A whole gateway starts: a busy machine takes its time.
jest.setTimeout(60_000);

interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

describe('operations on quota', () => {
  const upstream = new ScriptedUpstream();
  for (const name of ['alice', 'bob', 'carol']) upstream.addAccount({ accountId: `acc_${name}`, plan: name });
  const gateway = useGateway({ upstream });
  const { told } = controlOf(() => gateway);
  const sql = (text: string) => gateway.database().query<unknown[]>(text);
  const get = (account: string) => told<QuotaView>('quota.get', { account });
  const named = async (input: object, actor = anActor()): Promise<string[]> =>
    (await told<Page<QuotaView>>('quota.list', input, actor)).items.map(({ account }) => account);

  it('show each window with what said so, when, and that it is usable', async () => {
    const quota = await get('acc_alice');
    expect(quota).toMatchObject({
      account: 'acc_alice',
      plan: 'alice',
      verdict: 'allow',
      usable: true,
      reason: null,
      freshness: 'fresh',
      pressurePercent: 34,
    });
    expect(quota.windows).toMatchObject([
      { limitId: 'codex', windowMinutes: 300, usedPercent: 12, remainingPercent: 88, source: 'usage', usable: true },
      { limitId: 'codex', windowMinutes: 10_080, usedPercent: 34, freshness: 'fresh', reason: null, doubted: null },
    ]);
    expect(quota.windows.every(({ ageSeconds }) => ageSeconds < 60)).toBe(true);
  });

  it('say of what is old, spent or over why it is not usable', async () => {
    await sql(`
      UPDATE account_quota_window w SET used_percent = 100 FROM upstream_account a
       WHERE a.id = w.account_id AND a.label = 'acc_bob' AND window_minutes = 300;
      UPDATE account_quota_window w SET resets_at = now() - interval '1 s' FROM upstream_account a
       WHERE a.id = w.account_id AND a.label = 'acc_bob' AND window_minutes = 10080;
      UPDATE account_quota_window w SET observed_at = now() - interval '1 h' FROM upstream_account a
       WHERE a.id = w.account_id AND a.label = 'acc_carol';
      UPDATE account_meter m SET observed_at = now() - interval '1 h' FROM upstream_account a
       WHERE a.id = m.account_id AND a.label = 'acc_carol'`);
    const bob = await get('acc_bob');
    expect(bob).toMatchObject({ verdict: 'block', usable: false, reason: 'blocked' });
    expect(Date.parse(bob.clearsAt ?? '')).toBeGreaterThan(Date.now());
    expect(bob.windows.map(({ reason, freshness }) => [reason, freshness])).toEqual([
      ['spent', 'fresh'],
      ['reset', 'reset'],
    ]);
    const carol = await get('acc_carol');
    expect(carol).toMatchObject({ verdict: 'unknown', usable: false, reason: 'stale', freshness: 'stale' });
    expect(carol.ageSeconds).toBeGreaterThan(3_500);
  });

  it('list accounts by Pool, plan, age of the evidence and whether they can be used, page by page', async () => {
    expect(await named({})).toEqual(['acc_alice', 'acc_bob', 'acc_carol']);
    expect(await named({ usable: true })).toEqual(['acc_alice']);
    expect(await named({ freshness: 'stale' })).toEqual(['acc_carol']);
    expect(await named({ plan: 'bob' })).toEqual(['acc_bob']);
    const first = await told<Page<QuotaView>>('quota.list', { limit: 2 });
    expect(await named({ limit: 2, after: first.next ?? '' })).toEqual(['acc_carol']);
  });

  it('put what the operator has decided before what the provider says', async () => {
    await sql(`UPDATE upstream_account SET status = 'paused' WHERE label = 'acc_bob'`);
    expect(await get('acc_bob')).toMatchObject({ usable: false, reason: 'paused' });
    await sql(`UPDATE upstream_account SET cooling_until = now() + interval '1 h' WHERE label = 'acc_alice'`);
    expect(await get('acc_alice')).toMatchObject({ verdict: 'allow', usable: false, reason: 'cooling' });
    await sql(`TRUNCATE account_quota_window, account_meter; UPDATE upstream_account SET cooling_until = NULL`);
    expect(await get('acc_alice')).toMatchObject({ reason: 'never_reported', freshness: 'unknown', ageSeconds: null });
  });

  it('show who is bound to Pools the accounts of those only', async () => {
    const pool = await gateway.get(PoolService).createPool('other');
    const { accountId } = await get('acc_carol');
    await gateway.get(AccountAssignments).assign(pool.id, accountId as never);
    const mine = anActor({ poolIds: [pool.id], scopes: ['read'] });
    expect(await named({}, mine)).toEqual(['acc_carol']);
    await expect(told('quota.get', { account: 'acc_alice' }, mine)).rejects.toMatchObject({ code: 'not_found' });
    const drifts = await told<Page<DriftView>>('accounts.drift', {}, mine);
    expect(drifts.items.map(({ account }) => account)).toEqual(['acc_carol']);
  });

  it('compare with what went through here, of all accounts or one', async () => {
    const { accountId } = await get('acc_bob');
    await sql(`
      INSERT INTO account_reconciliation (account_id, limit_id, window_minutes, as_of, since, resets_at, used_percent,
                                          our_tokens, counted_percent, explained_percent, drift_percent, confidence, points)
      VALUES ('${accountId}', 'codex', 300, now(), now(), now(), 50, 1000, 50, 40, 10, 'high', 3)`);
    const { items } = await told<Page<DriftView>>('accounts.drift');
    expect(items.map(({ account, available }) => [account, available])).toEqual([
      ['acc_alice', true],
      ['acc_bob', true],
      ['acc_carol', true],
    ]);
    const one = await told<Page<DriftView>>('accounts.drift', { account: 'acc_bob' });
    expect(one.items).toMatchObject([{ account: 'acc_bob', windows: [{ driftPercent: 10, confidence: 'high' }] }]);
    expect((await told<Page<DriftView>>('accounts.drift', { pool: 'other' })).items).toHaveLength(1);
  });
});
