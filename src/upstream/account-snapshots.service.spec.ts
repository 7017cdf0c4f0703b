import { GatewayError } from '../core/index.js';
import { useDatabase } from '../../test/support/database.js';
import { fakeLogin } from '../../test/support/fake-login.js';
import { aCall, FakeKind, POOL, upstreamServices } from '../../test/support/upstream-services.js';

const HOUR_MS = 3_600_000;

describe('an account whose spent quota came back before its time', () => {
  const database = useDatabase();
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account CASCADE'));

  /** It was refused ten seconds ago, for an hour; a window that was told since has room. */
  const start = async () => {
    const kind = new FakeKind();
    const process = upstreamServices(database.dataSource(), kind);
    await process.accounts.importAuthJson(fakeLogin({}).authJson, { label: 'alice', poolId: POOL });
    await database.dataSource().query(`
      WITH a AS (UPDATE upstream_account SET cooling_reason = 'upstream_quota_exhausted',
                        cooling_since = now() - interval '10 s', cooling_until = now() + interval '1 hour' RETURNING id)
      INSERT INTO account_quota_window SELECT id, 'codex', 300, 5, now() + interval '2 hours', now() FROM a`);
    const seen = async (from: Pick<typeof process, 'pool'> = process) => {
      const [only] = await from.pool.snapshot(POOL);
      if (!only) throw new Error('no account in the snapshot');
      return only;
    };
    return { kind, seen, ...process };
  };

  it('serves', async () => {
    const { seen } = await start();
    expect(await seen()).toMatchObject({ coolingUntilMs: 0 });
  });

  it('sits out for what is found next, however short that is, here and everywhere', async () => {
    const { kind, seen, pool, health } = await start();
    kind.onOpen = () => Promise.reject(new GatewayError('upstream_account_rejected', 'No.', { cooldownMs: 60_000 }));
    await expect(pool.open(await seen(), aCall(), new AbortController().signal)).rejects.toThrow('No.');
    const refused = { coolingReason: 'upstream_account_rejected' };
    expect(await seen()).toMatchObject(refused);
    await health.written();
    const elsewhere = upstreamServices(database.dataSource(), new FakeKind());
    for (const account of [await seen(), await seen(elsewhere)]) {
      expect(account).toMatchObject(refused);
      expect(account.coolingUntilMs).toBeLessThan(Date.now() + HOUR_MS / 2);
    }
  });
});
