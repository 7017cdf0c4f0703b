import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import {
  collect,
  from,
  GatewayError,
  noQuota,
  type EventBatch,
  type QuotaReport,
  type QuotaWindow,
} from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { fakeLogin } from '../../../test/support/fake-login.js';
import { aCall, emptyAnswer, FakeKind, POOL, upstreamServices } from '../../../test/support/upstream-services.js';
import type { AccountSnapshot } from '../account-snapshot.js';

const signal = new AbortController().signal;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const NOW_MS = Date.now();
const window = (usedPercent: number, rest: Partial<QuotaWindow> = {}): QuotaWindow => ({
  limitId: 'codex',
  windowMinutes: 300,
  usedPercent,
  resetsAtMs: NOW_MS + HOUR_MS,
  ...rest,
});
const told = (windows: readonly QuotaWindow[], rest: Partial<QuotaReport> = {}): QuotaReport => ({
  ...noQuota('headers'),
  windows,
  ...rest,
});
const batch = (type: string): EventBatch => {
  const raw = Buffer.from(type);
  return { raw, events: [{ type, raw, json: () => undefined }] };
};

describe('quota evidence', () => {
  const database = useDatabase();
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account CASCADE'));
  // One test fails a write on purpose.
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  const rows = (columns: string, table = 'account_quota_window'): Promise<object[]> =>
    database.dataSource().query(`SELECT ${columns} FROM ${table} ORDER BY ${columns}`);

  /** One process with one account. */
  const start = async () => {
    const kind = new FakeKind();
    const process = upstreamServices(database.dataSource(), kind);
    const { account: imported } = await process.accounts.importAuthJson(fakeLogin().authJson, {
      label: 'alice',
      poolId: POOL,
    });
    const account = async (): Promise<AccountSnapshot> => {
      process.changes.announce(imported.id);
      const [only] = await process.pool.snapshot(POOL);
      if (!only) throw new Error('no account in the snapshot');
      return only;
    };
    const open = async (call = aCall()) => process.pool.open(await account(), call, signal);
    const asked = { id: imported.id, credentialEpoch: 1 };
    return { kind, account, open, asked, ...process };
  };
  const elsewhere = () => upstreamServices(database.dataSource(), new FakeKind());

  it('knows at once what an answer says about quota, and stores it with where it came from', async () => {
    const { kind, open, account, quota } = await start();
    kind.onOpen = async () => ({
      ...emptyAnswer(),
      quota: told([window(40)]),
      batches: from([batch('codex.rate_limits')]),
    });
    kind.onQuota = ({ type }) =>
      type === 'codex.rate_limits'
        ? told([window(41), window(7, { windowMinutes: 10_080 })], { source: 'event' })
        : undefined;
    const answer = await open();
    expect((await account()).windows).toMatchObject([{ usedPercent: 40, source: 'headers' }]);
    await collect(answer.batches);
    expect((await account()).windows).toMatchObject([{ usedPercent: 41, source: 'event' }, { usedPercent: 7 }]);
    await quota.flush();
    expect(await rows('window_minutes, used_percent, source')).toEqual([
      { window_minutes: 300, used_percent: 41, source: 'event' },
      { window_minutes: 10_080, used_percent: 7, source: 'event' },
    ]);
  });

  it('knows at once what a refusal says about quota', async () => {
    const { kind, open, account, quota } = await start();
    const spent = told([window(100)], {
      source: 'error',
      meters: [{ limitId: 'codex', allowed: false, limitReached: true, resetsAtMs: NOW_MS + HOUR_MS }],
    });
    kind.onOpen = () => Promise.reject(new GatewayError('upstream_quota_exhausted', 'm', { quota: spent }));
    await expect(open()).rejects.toMatchObject({ code: 'upstream_quota_exhausted' });
    expect(await account()).toMatchObject({
      windows: [{ usedPercent: 100, source: 'error' }],
      meters: [{ limitId: 'codex', allowed: false, source: 'error' }],
    });
    await quota.flush();
    expect(await rows('allowed, limit_reached, source', 'account_meter')).toEqual([
      { allowed: false, limit_reached: true, source: 'error' },
    ]);
  });

  it('marks the window that a refusal is about by its reset', async () => {
    const { account, asked, quota } = await start();
    quota.saw(
      asked,
      told([window(97), window(50, { windowMinutes: 10_080, resetsAtMs: NOW_MS + 9 * HOUR_MS })]),
      NOW_MS,
    );
    const meters = [{ limitId: 'codex', allowed: false, resetsAtMs: NOW_MS + HOUR_MS + 999 }];
    quota.saw(asked, told([], { source: 'error', meters }), NOW_MS + 1);
    expect((await account()).windows).toMatchObject([{ usedPercent: 100 }, { usedPercent: 50 }]);
    await quota.flush();
  });

  it.each<[string, QuotaWindow, number, number]>([
    ['is older', window(20), -1, 50],
    ['is later', window(51), 1, 51],
    ['says less in passing', window(20), 60_000, 50],
    ['is of a new window', window(1, { resetsAtMs: NOW_MS + 4 * HOUR_MS }), 1, 1],
    ['is out of a cache', window(90, { saidAtMs: NOW_MS - HOUR_MS, resetsAtMs: NOW_MS - MINUTE_MS }), 1, 50],
  ])('is the same in every process after a report that %s (trap 42)', async (_, report, afterMs, usedPercent) => {
    const { account, quota, asked } = await start();
    const other = elsewhere();
    quota.saw(asked, told([window(50)]), NOW_MS);
    await quota.flush();
    other.quota.saw(asked, told([report]), NOW_MS + afterMs);
    await other.quota.flush();
    expect(await rows('used_percent')).toEqual([{ used_percent: usedPercent }]);
    quota.saw(asked, told([report]), NOW_MS + afterMs);
    expect((await account()).windows).toMatchObject([{ usedPercent }]);
    await quota.flush();
  });

  it('remembers a doubt until somebody else confirms it', async () => {
    const { quota, asked } = await start();
    quota.saw(asked, told([window(50)]), NOW_MS - 10 * MINUTE_MS);
    quota.saw(asked, told([window(0)]), NOW_MS - 9 * MINUTE_MS);
    await quota.flush();
    expect(await rows('used_percent, doubted_percent, doubted_source')).toEqual([
      { used_percent: 50, doubted_percent: 0, doubted_source: 'headers' },
    ]);
    const other = elsewhere();
    await other.quota.reported(asked, told([window(0)], { source: 'usage' }), NOW_MS - MINUTE_MS);
    expect(await rows('used_percent, doubted_percent, source')).toEqual([
      { used_percent: 0, doubted_percent: null, source: 'usage' },
    ]);
  });

  it('comes to the same rows whoever of several processes writes first', async () => {
    const { asked } = await start();
    const seen = fc.record({
      process: fc.nat({ max: 2 }),
      percent: fc.nat({ max: 100 }),
      agoMs: fc.integer({ min: 0, max: 2 * MINUTE_MS }),
      cycle: fc.nat({ max: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(seen, { minLength: 2, maxLength: 8 }), async (reports) => {
        await database.dataSource().query('DELETE FROM account_quota_window');
        const processes = [elsewhere(), elsewhere(), elsewhere()];
        for (const { process, percent, agoMs, cycle } of reports) {
          const report = told([window(percent, { resetsAtMs: NOW_MS + (1 + 2 * cycle) * HOUR_MS })]);
          processes[process]?.quota.saw(asked, report, NOW_MS - agoMs);
        }
        await Promise.all(processes.map(({ quota }) => quota.flush(NOW_MS)));
        const last = Math.max(...reports.map(({ cycle }) => cycle));
        const most = Math.max(...reports.filter(({ cycle }) => cycle === last).map(({ percent }) => percent));
        expect(await rows('used_percent, resets_at')).toEqual([
          { used_percent: most, resets_at: new Date(NOW_MS + (1 + 2 * last) * HOUR_MS) },
        ]);
      }),
      { numRuns: 40 },
    );
  });

  it('of older credentials does not overwrite that of newer ones', async () => {
    const { account, asked, quota } = await start();
    await quota.reported({ ...asked, credentialEpoch: 2 }, told([window(5)]), NOW_MS - 1_000);
    quota.saw(asked, told([window(99)]), NOW_MS);
    expect((await account()).windows).toMatchObject([{ usedPercent: 5, credentialEpoch: 2 }]);
    await quota.flush();
    expect(await rows('used_percent, credential_epoch::integer')).toEqual([{ used_percent: 5, credential_epoch: 2 }]);
  });

  it('is as old as the report, when that was held back', async () => {
    const { asked, quota } = await start();
    quota.saw(asked, told([window(5)], { receivedAtMs: NOW_MS - HOUR_MS }), NOW_MS);
    await quota.flush();
    expect(await rows('observed_at')).toEqual([{ observed_at: new Date(NOW_MS - HOUR_MS) }]);
  });

  it('does not bring back a window that was since said not to be there, however late it is written', async () => {
    const { account, asked, quota } = await start();
    const weekly = window(5, { windowMinutes: 10_080 });
    const other = elsewhere();
    other.quota.saw(asked, told([window(100)]), NOW_MS - 1_000);
    await quota.reported(asked, told([weekly], { wholeMeters: ['codex'] }), NOW_MS);
    await other.quota.flush();
    expect((await account()).windows).toMatchObject([{ windowMinutes: 10_080 }]);
    expect(await rows('window_minutes')).toEqual([{ window_minutes: 10_080 }]);
  });

  it('that could not be written goes with the next report', async () => {
    const { asked, quota } = await start();
    await database.dataSource().query('ALTER TABLE account_quota_window RENAME TO elsewhere');
    quota.saw(asked, told([window(5)]), NOW_MS);
    await quota.flush();
    await database.dataSource().query('ALTER TABLE elsewhere RENAME TO account_quota_window');
    quota.saw(asked, told([window(6)]), NOW_MS + 1);
    await quota.flush();
    expect(await rows('used_percent')).toEqual([{ used_percent: 6 }]);
  });

  it('of an account that is gone is nobody’s', async () => {
    const { asked, quota } = await start();
    await database.dataSource().query('DELETE FROM upstream_account');
    quota.saw(asked, told([window(5)]), NOW_MS);
    await quota.flush();
    expect(await rows('used_percent')).toEqual([]);
  });
});
