import { collect, from, type EventBatch, type QuotaWindow } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { fakeLogin } from '../../../test/support/fake-login.js';
import { aCall, emptyAnswer, FakeKind, POOL, upstreamServices } from '../../../test/support/upstream-services.js';
import type { AccountSnapshot } from '../account-snapshot.js';

const signal = new AbortController().signal;
const window = (usedPercent: number, rest: Partial<QuotaWindow> = {}): QuotaWindow => ({
  limitId: 'codex',
  windowMinutes: 300,
  usedPercent,
  resetsAtMs: Date.now() + 3_600_000,
  ...rest,
});
const batch = (type: string): EventBatch => {
  const raw = Buffer.from(type);
  return { raw, events: [{ type, raw, json: () => undefined }] };
};

describe('quota evidence', () => {
  const database = useDatabase();
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account CASCADE'));

  /** One process with one account. */
  const start = async () => {
    const kind = new FakeKind();
    const process = upstreamServices(database.dataSource(), kind);
    await process.accounts.importAuthJson(fakeLogin().authJson, { label: 'alice', poolId: POOL });
    const account = async (): Promise<AccountSnapshot> => {
      const [only] = await process.pool.snapshot(POOL);
      if (!only) throw new Error('no account in the snapshot');
      return only;
    };
    const open = async (call = aCall()) => process.pool.open(await account(), call, signal);
    return { kind, account, open, ...process };
  };

  it('knows at once what an answer says about quota, and stores it', async () => {
    const { kind, open, account, quota } = await start();
    kind.onOpen = async () => ({ ...emptyAnswer(), quota: [window(40)], batches: from([batch('codex.rate_limits')]) });
    kind.onQuota = ({ type }) =>
      type === 'codex.rate_limits' ? [window(41), window(7, { windowMinutes: 10_080 })] : [];
    const answer = await open();
    expect((await account()).windows).toMatchObject([{ usedPercent: 40 }]);
    await collect(answer.batches);
    expect((await account()).windows).toMatchObject([{ usedPercent: 41 }, { usedPercent: 7 }]);
    await quota.flush();
    const sql = 'SELECT window_minutes, used_percent FROM account_quota_window ORDER BY window_minutes';
    expect(await database.dataSource().query(sql)).toEqual([
      { window_minutes: 300, used_percent: 41 },
      { window_minutes: 10_080, used_percent: 7 },
    ]);
  });

  const HOUR_MS = 3_600_000;
  const NOW_MS = Date.now();
  const RESET = { resetsAtMs: NOW_MS + HOUR_MS };

  it.each<[string, QuotaWindow, number, number]>([
    ['is older', window(20, RESET), -1, 50],
    ['is later', window(20, RESET), 1, 20],
    ['is later, with a reset that is seconds off', window(51, { resetsAtMs: RESET.resetsAtMs - 9_000 }), 1, 51],
    ['replays a window that is over', window(90, { resetsAtMs: RESET.resetsAtMs - HOUR_MS / 2 }), 60_000, 50],
    ['is of a new window', window(1, { resetsAtMs: RESET.resetsAtMs + 5 * HOUR_MS }), 1, 1],
    ['came before, of a new window', window(1, { resetsAtMs: RESET.resetsAtMs + 5 * HOUR_MS }), -1, 1],
    ['says in passing that nothing was used', window(0, RESET), 60_000, 50],
    ['says it still when nothing else was heard for long', window(0, RESET), 181_000, 0],
    ['keeps to an earlier reset for long', window(90, { resetsAtMs: RESET.resetsAtMs - HOUR_MS / 2 }), 181_000, 90],
  ])('takes a report over, or not, that %s (trap 42)', async (_, report, afterMs, usedPercent) => {
    const { account, quota, changes } = await start();
    const { id } = await account();
    const elsewhere = upstreamServices(database.dataSource(), new FakeKind()).quota;
    quota.saw(id, [window(50, RESET)], NOW_MS);
    await quota.flush();
    elsewhere.saw(id, [report], NOW_MS + afterMs);
    await elsewhere.flush();
    expect(await database.dataSource().query('SELECT used_percent FROM account_quota_window')).toEqual([
      { used_percent: usedPercent },
    ]);
    quota.saw(id, [report], NOW_MS + afterMs);
    changes.announce(id);
    expect((await account()).windows).toMatchObject([{ usedPercent }]);
    await quota.flush();
  });
});
