import { GatewayError, type QuotaReport } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { eventually } from '../../../test/support/eventually.js';
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
  source: 'usage',
  meters: [],
});

describe('the usage of an account', () => {
  const database = useDatabase();
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account CASCADE'));

  const start = async (login: Parameters<typeof fakeLogin>[0] = {}) => {
    const kind = new FakeKind();
    const process = upstreamServices(database.dataSource(), kind);
    const { account } = await process.accounts.importAuthJson(fakeLogin(login).authJson, {
      label: 'alice',
      poolId: POOL,
    });
    const told = async (said: QuotaReport) => {
      kind.onUsage = async () => said;
      return process.probe.run(account.id, Date.now);
    };
    /** As a process knows it that read the row just now. */
    const known = async ({ pool, changes } = process) => {
      changes.announce(account.id);
      const [only] = await pool.snapshot(POOL);
      return only?.windows.map(({ windowMinutes, usedPercent }) => [windowMinutes, usedPercent]).sort();
    };
    const asked = { id: account.id, credentialEpoch: 1 };
    return { kind, id: account.id, asked, told, known, ...process };
  };
  const elsewhere = () => upstreamServices(database.dataSource(), new FakeKind());

  it('is known everywhere once its upstream was asked', async () => {
    const { told, known } = await start();
    expect(await told(report([[300, 12]]))).toBe('stored');
    expect([await known(), await known(elsewhere())]).toEqual([[[300, 12]], [[300, 12]]]);
  });

  it('loses windows that the upstream says are not there, and no other (trap 41)', async () => {
    const { told, known, quota, asked } = await start();
    const other = { limitId: 'other', windowMinutes: 300, usedPercent: 1, resetsAtMs: Date.now() + 60_000 };
    quota.saw(asked, { ...report([], false), windows: [other] }, Date.now() - 9);
    quota.saw(asked, report([[300, 100]], false), Date.now() - 9);
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
    const { told, known, quota, asked } = await start();
    quota.saw(asked, report([[300, 100]]), Date.now() - 60_000);
    await quota.flush();
    const other = elsewhere();
    other.quota.saw(asked, report([[300, 100]]), Date.now() - 60_000);
    await other.quota.flush();
    await told(report([[7 * DAY_MINUTES, 5]]));
    expect(await known(other)).toEqual([[7 * DAY_MINUTES, 5]]);
  });

  const refused = () => new GatewayError('upstream_account_rejected', 'm', { upstreamStatus: 401 });
  const probes = (columns: string): Promise<object[]> =>
    database.dataSource().query(`SELECT ${columns} FROM account_probe`);

  it('is asked for again with new tokens after a 401 on a token that is near its end', async () => {
    const { kind, probe, known, id } = await start({ expiresAtMs: Date.now() + 60_000 });
    kind.onRefresh = async () => ({ accessToken: fakeLogin({ generation: 1 }).accessToken });
    kind.onUsage = async ({ credentialEpoch }) =>
      credentialEpoch === 1 ? Promise.reject(refused()) : report([[300, 3]]);
    expect(await probe.run(id, Date.now)).toBe('stored');
    expect(await known()).toEqual([[300, 3]]);
    const sql = 'SELECT credential_epoch::integer FROM account_quota_window';
    expect(await database.dataSource().query(sql)).toEqual([{ credential_epoch: 2 }]);
  });

  it('costs the account its login when it is refused with a token that is not', async () => {
    const { kind, probe, id, accounts } = await start();
    kind.onUsage = () => Promise.reject(refused());
    expect(await probe.run(id, Date.now)).toBe('refused');
    expect(await accounts.findByLabel('alice')).toMatchObject({ status: 'login_required' });
    expect(kind.refreshedWith).toEqual([]);
  });

  it.each<[string, GatewayError]>([
    ['rate_limited', new GatewayError('upstream_rate_limited', 'm', { upstreamStatus: 429 })],
    ['unavailable', new GatewayError('upstream_error', 'm', { upstreamStatus: 503 })],
    ['unavailable', new GatewayError('upstream_timeout', 'm')],
  ])('that cannot be told (%s) leaves what is known, and the account where it is', async (outcome, failure) => {
    const { kind, probe, id, told, known, pool } = await start();
    await told(report([[300, 12]]));
    kind.onUsage = () => Promise.reject(failure);
    for (const failures of [1, 2]) {
      expect(await probe.run(id, Date.now)).toBe(outcome);
      expect(await probes('outcome, failures')).toEqual([{ outcome, failures }]);
    }
    expect(await known()).toEqual([[300, 12]]);
    expect(await pool.snapshot(POOL)).toMatchObject([{ status: 'active', coolingUntilMs: 0 }]);
    await told(report([[300, 13]]));
    expect(await probes('outcome, failures')).toEqual([{ outcome: 'stored', failures: 0 }]);
  });

  it('is asked for by one worker at a time', async () => {
    const { kind, probe, id } = await start();
    let asked = 0;
    const gate: { open?: () => void } = {};
    kind.onUsage = async () => {
      asked += 1;
      await new Promise<void>((resolve) => (gate.open = resolve));
      return report([[300, 1]]);
    };
    const first = probe.run(id, Date.now);
    await eventually(() => expect(asked).toBe(1));
    expect(await probe.run(id, Date.now)).toBe('skipped');
    gate.open?.();
    expect(await first).toBe('stored');
    expect(asked).toBe(1);
  });

  it('as a probe brings it that took too long is not taken once a later one has brought it', async () => {
    const { kind, probe, id, told, known } = await start();
    const gate: { open?: () => void } = {};
    kind.onUsage = async () => {
      await new Promise<void>((resolve) => (gate.open = resolve));
      return report([[300, 99]]);
    };
    const late = probe.run(id, () => Date.now() - 120_000);
    await eventually(() => expect(gate.open).toBeDefined());
    expect(await told(report([[300, 1]]))).toBe('stored');
    gate.open?.();
    expect(await late).toBe('superseded');
    expect(await known()).toEqual([[300, 1]]);
    expect(await probes('round::integer, completed_round::integer')).toEqual([{ round: 2, completed_round: 2 }]);
  });

  it('comes with the plan that holds now, and with the resets that the account has saved', async () => {
    const { told, accounts } = await start();
    await told({ ...report([[300, 1]]), plan: 'free', resetCredits: 2 });
    expect(await accounts.findByLabel('alice')).toMatchObject({ plan: 'free' });
    await told(report([[300, 1]]));
    expect(await probes('reset_credits')).toEqual([{ reset_credits: 2 }]);
  });

  it('is asked for of a paused account too, and not of one that cannot be used', async () => {
    const { told, id } = await start();
    const set = (status: string) =>
      database.dataSource().query(`UPDATE upstream_account SET status = $2 WHERE id = $1`, [id, status]);
    await set('paused');
    expect(await told(report([[300, 1]]))).toBe('stored');
    await set('login_required');
    expect(await told(report([[300, 1]]))).toBe('skipped');
  });
});
