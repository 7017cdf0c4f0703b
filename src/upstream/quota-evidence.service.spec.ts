import { collect, from, type EventBatch, type QuotaWindow } from '../core/index.js';
import { useDatabase } from '../../test/support/database.js';
import { fakeLogin } from '../../test/support/fake-login.js';
import { aCall, emptyAnswer, FakeKind, POOL, upstreamServices } from '../../test/support/upstream-services.js';
import type { AccountSnapshot } from './account-snapshot.js';

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

  it('does not let an older report undo a newer one', async () => {
    const { account, quota } = await start();
    const { id } = await account();
    const elsewhere = upstreamServices(database.dataSource(), new FakeKind()).quota;
    quota.saw(id, [window(50)], 2_000);
    await quota.flush();
    elsewhere.saw(id, [window(20)], 1_000);
    await elsewhere.flush();
    expect(await database.dataSource().query('SELECT used_percent FROM account_quota_window')).toEqual([
      { used_percent: 50 },
    ]);
  });
});
