import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { useDatabase } from '../../../test/support/database.js';
import type { AccountId, KeyId, PoolId } from '../../core/index.js';
import { DAY_MS, HOUR_MS } from './days.js';
import { RollupService } from './rollup.service.js';
import { USAGE_COUNTERS } from './usage-counters.js';
import { UsageReports } from './usage-reports.service.js';
import type { UsageDimension } from './usage-row.js';

const MIDNIGHT_MS = Date.UTC(2026, 4, 1);
const ACCOUNT = randomUUID() as AccountId;

interface Delta {
  readonly keyId: KeyId;
  readonly hour?: number;
  readonly model?: string;
  readonly accountId?: AccountId | null;
  readonly counters?: Readonly<Record<string, number>>;
}

describe('rollups', () => {
  const database = useDatabase();
  const rollups = () => new RollupService(database.dataSource());
  const reports = () => new UsageReports(database.dataSource());
  const poolId = randomUUID() as PoolId;
  const newKey = () => randomUUID() as KeyId;
  const sql = (text: string, parameters: unknown[] = []) => database.dataSource().query<object[]>(text, parameters);

  const add = ({ keyId, hour = 0, model = 'gpt-5.5', accountId = ACCOUNT, counters = {} }: Delta) =>
    sql(
      `INSERT INTO usage_delta (hour, pool_id, key_id, account_id, model, ${USAGE_COUNTERS.join(', ')})
       VALUES ($1, $2, $3, $4, $5, ${USAGE_COUNTERS.map((name) => String(counters[name] ?? 0)).join(', ')})`,
      [new Date(MIDNIGHT_MS + hour * HOUR_MS), poolId, keyId, accountId, model],
    );
  const one = { calls: 1, succeeded: 1, input_uncached: 10, output: 5, cost_nano_usd: 7 };
  const usedBy = (keyId: KeyId, ...groupBy: UsageDimension[]) =>
    reports().report({ fromMs: MIDNIGHT_MS, toMs: MIDNIGHT_MS + 2 * DAY_MS, groupBy, filter: { keyId } });

  it('add deltas up by hour and by UTC day, with the nil UUID where there is no account', async () => {
    const keyId = newKey();
    for (const hour of [0, 0, 23, 24]) await add({ keyId, hour, accountId: null, counters: one });
    expect((await rollups().rollUp()).deltas).toBeGreaterThanOrEqual(4);
    const where = `WHERE key_id = $1 AND account_id = '00000000-0000-0000-0000-000000000000'`;
    expect(await sql(`SELECT day::text, calls, cost_nano_usd FROM usage_daily ${where} ORDER BY day`, [keyId])).toEqual(
      [
        { day: '2026-05-01', calls: '3', cost_nano_usd: '21' },
        { day: '2026-05-02', calls: '1', cost_nano_usd: '7' },
      ],
    );
    expect(await sql(`SELECT calls FROM usage_hourly ${where} ORDER BY hour`, [keyId])).toEqual([
      { calls: '2' },
      { calls: '1' },
      { calls: '1' },
    ]);
    expect(await sql('SELECT FROM usage_delta WHERE key_id = $1', [keyId])).toEqual([]);
  });

  it('take a guess that was replaced back', async () => {
    const keyId = newKey();
    await add({ keyId, accountId: null, counters: { calls: 1, failed: 1, unknown_usage: 1 } });
    await rollups().rollUp();
    await add({ keyId, accountId: null, counters: { calls: -1, failed: -1, unknown_usage: -1 } });
    await add({ keyId, counters: one });
    for (const rolled of [false, true]) {
      expect(await usedBy(keyId, 'account')).toMatchObject([
        { accountId: ACCOUNT, calls: 1, succeeded: 1, failed: 0, unknownUsage: 0, totalTokens: 15, costNanoUsd: 7n },
      ]);
      if (!rolled) await rollups().rollUp();
    }
  });

  it('are taken in batches, and a run says how many it took', async () => {
    const keyId = newKey();
    await rollups().rollUp();
    for (let n = 0; n < 7; n += 1) await add({ keyId, counters: one });
    expect(await rollups().rollUp(3)).toEqual({ deltas: 7, rows: 6 });
    expect(await rollups().rollUp(3)).toEqual({ deltas: 0, rows: 0 });
    expect(await usedBy(keyId)).toMatchObject([{ calls: 7 }]);
  });

  it('leave the sums as they are at every moment, with several workers at it and deltas still coming', async () => {
    const keys = [newKey(), newKey(), newKey()];
    const models = ['gpt-5.5', 'gpt-5.4', ''];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(47)), { minLength: 1, maxLength: 60 }),
        async (seen) => {
          const before = await totals(keys);
          const write = async (from: number) => {
            for (const [key, model, hour] of seen.filter((_, index) => index % 2 === from)) {
              await add({ keyId: keys[key] ?? newKey(), model: models[model] ?? '', hour, counters: one });
            }
          };
          await write(0);
          const rolls = Array.from({ length: 4 }, () => rollups().rollUp(5));
          await Promise.all([...rolls, write(1)]);
          await rollups().rollUp();
          expect(await totals(keys)).toEqual({ calls: before.calls + seen.length, hours: before.hours + seen.length });
        },
      ),
      { numRuns: 15 },
    );
  });

  async function totals(keys: readonly KeyId[]) {
    const sums = { calls: 0, hours: 0 };
    for (const keyId of keys) {
      for (const row of await usedBy(keyId, 'day')) sums.calls += row.calls;
      for (const row of await usedBy(keyId, 'hour')) sums.hours += row.calls;
    }
    return sums;
  }
});
