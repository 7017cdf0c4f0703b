import { randomUUID } from 'node:crypto';
import { useDatabase } from '../../../test/support/database.js';
import type { AccountId, KeyId, PoolId } from '../../core/index.js';
import { DAY_MS, HOUR_MS } from './days.js';
import { RollupService } from './rollup.service.js';
import { USAGE_COUNTERS } from './usage-counters.js';
import { UsageReports } from './usage-reports.service.js';
import { costCoverage, type UsageDimension, type UsageFilter } from './usage-row.js';

const MIDNIGHT_MS = Date.UTC(2026, 4, 1);

describe('usage reports', () => {
  const database = useDatabase();
  const reports = () => new UsageReports(database.dataSource());
  const poolId = randomUUID() as PoolId;
  const [ci, dev] = [randomUUID(), randomUUID()] as [KeyId, KeyId];
  const alice = randomUUID() as AccountId;
  const period = { fromMs: MIDNIGHT_MS, toMs: MIDNIGHT_MS + 2 * DAY_MS };
  const by = (groupBy: UsageDimension[], filter: UsageFilter = {}) => reports().report({ ...period, groupBy, filter });

  async function used(
    keyId: KeyId,
    hour: number,
    accountId: AccountId | null,
    counters: Record<string, number | bigint>,
  ) {
    const sql = `
      INSERT INTO usage_delta (hour, pool_id, key_id, account_id, model, ${USAGE_COUNTERS.join(', ')})
      VALUES ($1, $2, $3, $4, 'gpt-5.5', ${USAGE_COUNTERS.map((name) => String(counters[name] ?? 0)).join(', ')})`;
    await database.dataSource().query(sql, [new Date(MIDNIGHT_MS + hour * HOUR_MS), poolId, keyId, accountId]);
  }

  beforeAll(async () => {
    await used(ci, 0, alice, {
      calls: 3,
      succeeded: 3,
      input_uncached: 100,
      output: 20,
      cost_nano_usd: 9_007_199_254_740_993n,
    });
    await used(ci, 30, alice, { calls: 1, failed: 1, unknown_usage: 1, estimated_input: 8, estimated_output: 2 });
    await new RollupService(database.dataSource()).rollUp();
    await used(dev, 1, null, { calls: 1, rejected: 1 });
    await used(dev, 30, alice, {
      calls: 2,
      succeeded: 2,
      input_cached: 500,
      reasoning: 7,
      unpriced: 2,
      metered_nano_usd: 4,
    });
    await used(ci, 48, alice, { calls: 100 });
  });

  it('are one row of everything when no dimension is asked for, rolled up or not', async () => {
    expect(await reports().total(period)).toEqual({
      calls: 7,
      succeeded: 5,
      failed: 1,
      cancelled: 0,
      rejected: 1,
      unknownUsage: 1,
      unpriced: 2,
      inputUncached: 100,
      inputCached: 500,
      cacheWrite: 0,
      output: 20,
      reasoning: 7,
      totalTokens: 627,
      estimatedInput: 8,
      estimatedOutput: 2,
      costNanoUsd: 9_007_199_254_740_993n,
      meteredNanoUsd: 4n,
    });
  });

  it('have who used most first', async () => {
    expect((await by(['key'])).map(({ keyId, totalTokens }) => [keyId, totalTokens])).toEqual([
      [dev, 507],
      [ci, 120],
    ]);
  });

  it('have time first where time is asked for', async () => {
    expect((await by(['key', 'day'])).map(({ day, keyId, calls }) => [day, keyId, calls])).toEqual([
      ['2026-05-01', ci, 3],
      ['2026-05-01', dev, 1],
      ['2026-05-02', dev, 2],
      ['2026-05-02', ci, 1],
    ]);
    expect((await by(['hour'])).map(({ hour, calls }) => [hour, calls])).toEqual([
      ['2026-05-01T00:00:00Z', 3],
      ['2026-05-01T01:00:00Z', 1],
      ['2026-05-02T06:00:00Z', 3],
    ]);
  });

  it('say of calls that were given to nobody that they have no account', async () => {
    expect((await by(['account'], { keyId: dev })).map(({ accountId, calls }) => [accountId, calls])).toEqual([
      [alice, 2],
      [null, 1],
    ]);
  });

  it('are of what is asked for only', async () => {
    expect(await by([], { accountId: alice, keyId: dev, poolId, model: 'gpt-5.5' })).toMatchObject([{ calls: 2 }]);
    expect(await by([], { model: 'gpt-5.4' })).toEqual([]);
    expect(await reports().total({ ...period, filter: { keyId: randomUUID() as KeyId } })).toMatchObject({ calls: 0 });
  });

  it('come a few at a time where there are many, and are the same', async () => {
    const question = { ...period, groupBy: ['day', 'key', 'pool', 'model', 'account', 'hour'] as const };
    const paged = [];
    let after: readonly string[] | undefined;
    do {
      const { rows, next } = await reports().page(question, 1, after);
      paged.push(...rows);
      after = next;
    } while (after !== undefined);
    const all = await reports().report(question);
    expect(all.length).toBeGreaterThan(2);
    expect(paged).toHaveLength(all.length);
    expect(paged).toEqual(expect.arrayContaining(all));
    expect(paged.map(({ hour }) => hour)).toEqual(all.map(({ hour }) => hour));
  });

  it('are one page where no dimension is asked for', async () => {
    expect(await reports().page({ ...period, groupBy: [] }, 1)).toEqual({ rows: [await reports().total(period)] });
  });

  it('are of some Pools only where that is asked for', async () => {
    expect(await by([], { poolIds: [poolId] })).toMatchObject([{ calls: 7 }]);
    expect(await by([], { poolIds: [randomUUID() as PoolId] })).toEqual([]);
    expect(await by([], { poolIds: [] })).toEqual([]);
  });

  it.each([
    [0, 0n, 'priced'],
    [0, 5n, 'priced'],
    [1, 0n, 'unpriced'],
    [1, 5n, 'partial'],
  ])('with %i calls unpriced and %i nano-USD are %s', (unpriced, costNanoUsd, expected) => {
    expect(costCoverage({ unpriced, costNanoUsd })).toBe(expected);
  });
});
