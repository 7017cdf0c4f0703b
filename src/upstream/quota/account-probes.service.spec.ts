import type { AccountId } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { fakeLogin } from '../../../test/support/fake-login.js';
import { FakeKind, POOL, upstreamServices } from '../../../test/support/upstream-services.js';
import { AccountProbes } from './account-probes.service.js';

const MINUTE = 60_000;
const NOW = Date.now();

describe('the accounts that are to be asked for their usage', () => {
  const database = useDatabase();
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account, usage_outage CASCADE'));

  const start = async (count: number) => {
    const services = upstreamServices(database.dataSource(), new FakeKind());
    const ids: AccountId[] = [];
    for (let n = 0; n < count; n += 1) {
      const { authJson } = fakeLogin({ accountId: `acc-${String(n)}` });
      ids.push((await services.accounts.importAuthJson(authJson, { label: `a${String(n)}`, poolId: POOL })).account.id);
    }
    const probes = new AccountProbes(database.dataSource());
    const done = async (id: AccountId, outcome: 'stored' | 'unavailable', nowMs: number) => {
      const claim = await probes.claim(id, nowMs);
      if (!claim) throw new Error('not claimed');
      await probes.complete(claim, outcome, nowMs);
    };
    const set = (sql: string, ...values: unknown[]) => database.dataSource().query(sql, values);
    return { probes, ids, done, set };
  };

  it('are those never asked, and then each by how it is used', async () => {
    const { probes, ids, done, set } = await start(3);
    expect([...(await probes.due(NOW))].sort()).toEqual([...ids].sort());
    for (const id of ids) await done(id, 'stored', NOW);
    expect(await probes.due(NOW + MINUTE / 2)).toEqual([]);
    await set('UPDATE upstream_account SET last_success_at = $2 WHERE id = $1', ids[0], new Date(NOW + MINUTE));
    await set(`UPDATE upstream_account SET status = 'paused' WHERE id = $1`, ids[1]);
    expect(await probes.due(NOW + 1.2 * MINUTE)).toEqual([ids[0]]);
    expect([...(await probes.due(NOW + 6 * MINUTE))].sort()).toEqual([ids[0], ids[2]].sort());
    expect(await probes.due(NOW + 17 * MINUTE)).toHaveLength(3);
  });

  it('are near a limit once a minute, and not those that are in no Pool any more', async () => {
    const { probes, ids, done, set } = await start(2);
    const insert = `INSERT INTO account_quota_window (account_id, limit_id, window_minutes, used_percent, resets_at, observed_at)
                    VALUES ($1, 'codex', 300, 95, $2, $3)`;
    const oldMs = NOW - 10 * MINUTE;
    for (const id of ids) await set(insert, id, new Date(NOW + 60 * MINUTE), new Date(oldMs));
    for (const id of ids) await done(id, 'stored', NOW);
    await set(`UPDATE pool_account SET status = 'paused' WHERE account_id = $1`, ids[1]);
    expect(await probes.due(NOW + 1.2 * MINUTE)).toEqual([ids[0]]);
  });

  it('are not those that cannot be used', async () => {
    const { probes, set } = await start(1);
    await set(`UPDATE upstream_account SET status = 'login_required'`);
    expect(await probes.due(NOW)).toEqual([]);
  });

  it('are claimed by one worker, until it is taken for dead', async () => {
    const { probes, ids } = await start(1);
    const id = ids[0] as AccountId;
    const claims = await Promise.all([1, 2, 3].map(() => probes.claim(id, NOW)));
    expect(claims.filter((claim) => claim !== undefined)).toMatchObject([{ id, kind: 'codex', round: 1 }]);
    expect(await probes.claim(id, NOW + 1.5 * MINUTE)).toBeUndefined();
    expect(await probes.claim(id, NOW + 1.5 * MINUTE + 1)).toMatchObject({ round: 2 });
  });

  it('wait together when the upstream fails for too many of them', async () => {
    const { probes, ids, done } = await start(6);
    for (const [n, id] of ids.entries()) await done(id, n < 2 ? 'unavailable' : 'stored', NOW);
    // Two of six fail, which is more than three in ten.
    expect(await probes.due(NOW + 1)).toEqual([]);
    const [outage] = await database.dataSource().query<{ until: Date }[]>('SELECT rounds, until FROM usage_outage');
    expect(outage).toEqual({ rounds: 1, until: new Date(NOW + 1 + MINUTE) });
    const laterMs = NOW + 30 * MINUTE;
    expect(await probes.due(laterMs)).toHaveLength(6);
    for (const id of ids) await done(id, 'unavailable', laterMs);
    expect(await probes.due(laterMs)).toEqual([]);
    expect(await database.dataSource().query('SELECT rounds FROM usage_outage')).toEqual([{ rounds: 2 }]);
    const wellMs = laterMs + 30 * MINUTE;
    for (const id of ids) await done(id, 'stored', wellMs);
    await probes.due(wellMs);
    expect(await database.dataSource().query('SELECT rounds FROM usage_outage')).toEqual([]);
  });
});
