import { GatewayError, type QuotaReport } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { fakeLogin } from '../../../test/support/fake-login.js';
import { FakeKind, POOL, upstreamServices } from '../../../test/support/upstream-services.js';

const DAY_MINUTES = 24 * 60;
const report = (windows: readonly (readonly [minutes: number, used: number])[], whole = true): QuotaReport => ({
  windows: windows.map(([windowMinutes, usedPercent]) => ({
    limitId: 'codex',
    windowMinutes,
    usedPercent,
    resetsAtMs: Date.now() + 3_600_000,
  })),
  wholeMeters: whole ? ['codex'] : [],
});

describe('the usage of an account', () => {
  const database = useDatabase();
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account CASCADE'));

  const start = async () => {
    const kind = new FakeKind();
    const process = upstreamServices(database.dataSource(), kind);
    const { account } = await process.accounts.importAuthJson(fakeLogin().authJson, { label: 'alice', poolId: POOL });
    const told = async (said: QuotaReport) => {
      kind.onUsage = async () => said;
      return process.probe.run(account.id);
    };
    /** As a process knows it that read the row just now. */
    const known = async ({ pool, changes } = process) => {
      changes.announce(account.id);
      const [only] = await pool.snapshot(POOL);
      return only?.windows.map(({ windowMinutes, usedPercent }) => [windowMinutes, usedPercent]).sort();
    };
    return { kind, id: account.id, told, known, ...process };
  };
  const elsewhere = () => upstreamServices(database.dataSource(), new FakeKind());

  it('is known everywhere once its upstream was asked', async () => {
    const { told, known } = await start();
    expect(await told(report([[300, 12]]))).toBe('stored');
    expect([await known(), await known(elsewhere())]).toEqual([[[300, 12]], [[300, 12]]]);
  });

  it('loses windows that the upstream says are not there, and no other (trap 41)', async () => {
    const { told, known, quota, id } = await start();
    quota.saw(
      id,
      [{ limitId: 'other', windowMinutes: 300, usedPercent: 1, resetsAtMs: Date.now() + 60_000 }],
      Date.now() - 9,
    );
    quota.saw(id, report([[300, 100]]).windows, Date.now() - 9);
    await told(report([[7 * DAY_MINUTES, 5]], false));
    expect(await known()).toEqual(
      [
        [300, 1],
        [300, 100],
        [7 * DAY_MINUTES, 5],
      ].sort(),
    );
    await told(report([[30 * DAY_MINUTES, 7]]));
    expect([await known(), await known(elsewhere())]).toEqual([
      [
        [300, 1],
        [30 * DAY_MINUTES, 7],
      ].sort(),
      [
        [300, 1],
        [30 * DAY_MINUTES, 7],
      ].sort(),
    ]);
  });

  it('loses them also where they were seen, once they are out of the row', async () => {
    const { told, known, quota, id } = await start();
    quota.saw(id, report([[300, 100]]).windows, Date.now() - 60_000);
    await quota.flush();
    const other = elsewhere();
    other.quota.saw(id, report([[300, 100]]).windows, Date.now() - 60_000);
    await other.quota.flush();
    await told(report([[7 * DAY_MINUTES, 5]]));
    expect(await known(other)).toEqual([[7 * DAY_MINUTES, 5]]);
  });

  it('is asked for again with new tokens after a 401', async () => {
    const { kind, probe, known, id } = await start();
    kind.onRefresh = async () => ({ accessToken: fakeLogin({ generation: 1 }).accessToken });
    kind.onUsage = async ({ credentialEpoch }) =>
      credentialEpoch === 1
        ? Promise.reject(new GatewayError('upstream_account_rejected', 'm', { upstreamStatus: 401 }))
        : report([[300, 3]]);
    await probe.run(id);
    expect(await known()).toEqual([[300, 3]]);
  });

  it('is not asked for of an account that cannot be used', async () => {
    const { told, id } = await start();
    await database.dataSource().query(`UPDATE upstream_account SET status = 'paused' WHERE id = $1`, [id]);
    expect(await told(report([[300, 1]]))).toBe('skipped');
  });
});
