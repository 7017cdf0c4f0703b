import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { useDatabase } from '../../../test/support/database.js';
import { sampleCall, sampleSettlement } from '../../../test/support/sample-calls.js';
import type { CallId, KeyId, PoolId } from '../../core/index.js';
import { settlementRecord } from '../records.js';
import { SettlementRepository } from '../settlement.repository.js';
import type { Settlement } from '../settlement.js';
import { DAY_MS, HOUR_MS, midnightOf } from './days.js';
import { RollupVerification } from './rollup-verification.service.js';
import { RollupService } from './rollup.service.js';
import { UsageReports } from './usage-reports.service.js';

const NOW = Date.now();
const YESTERDAY_MS = midnightOf(NOW) - DAY_MS;
const DAY = new Date(YESTERDAY_MS).toISOString().slice(0, 10);

describe('the verification of rollups', () => {
  const database = useDatabase();
  const verification = () => new RollupVerification(database.dataSource());
  const rollUp = () => new RollupService(database.dataSource()).rollUp();
  const sql = (text: string, parameters: unknown[] = []) => database.dataSource().query<object[]>(text, parameters);
  const poolId = randomUUID() as PoolId;
  const keyId = randomUUID() as KeyId;
  const priced = { status: 'priced', nanoUsd: 1_000, priceVersion: 'v1' } as const;

  async function settle(hour: number, more: Partial<Settlement> = {}): Promise<CallId> {
    const call = sampleCall({ poolId, keyId, receivedAtMs: YESTERDAY_MS + hour * HOUR_MS });
    const record = settlementRecord(sampleSettlement(call, { cost: priced, ...more }), randomUUID());
    await new SettlementRepository(database.dataSource()).write([record], 'queue');
    return call.callId;
  }
  const total = async () => {
    const filter = { keyId };
    const period = { fromMs: YESTERDAY_MS, toMs: YESTERDAY_MS + DAY_MS, filter };
    const [hours] = await new UsageReports(database.dataSource()).report({ ...period, groupBy: ['key', 'hour'] });
    return { ...(await new UsageReports(database.dataSource()).total(period)), hours };
  };
  const right = { rows: 0, by: {} };

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    await sql('TRUNCATE ledger_entry, usage_delta, usage_daily, usage_hourly, rollup_verification, cost_correction');
  });

  it('finds nothing where the sums are as the ledger says, rolled up or not', async () => {
    await settle(0);
    await settle(23.9, { outcome: 'failed', cost: { status: 'unpriced' } });
    expect(await verification().verify(DAY)).toEqual({ day: DAY, hourly: right, daily: right });
    await rollUp();
    await settle(5);
    expect(await verification().verify(DAY)).toEqual({ day: DAY, hourly: right, daily: right });
  });

  it('adds calls that were never added up, such as those of a gateway of an older version', async () => {
    await settle(1);
    await sql('DELETE FROM usage_delta');
    const missing = { calls: 1, succeeded: 1, input_uncached: 70, output: 30, cost_nano_usd: 1_000 };
    expect(await verification().verify(DAY)).toMatchObject({
      hourly: { rows: 1, by: missing },
      daily: { rows: 1, by: missing },
    });
    expect(await total()).toMatchObject({ calls: 1, totalTokens: 142, costNanoUsd: 1_000n, hours: { calls: 1 } });
    expect(await verification().verify(DAY)).toEqual({ day: DAY, hourly: right, daily: right });
  });

  it('takes away what was added up twice', async () => {
    await settle(1);
    await rollUp();
    await sql('UPDATE usage_daily SET calls = calls * 3, output = output + 5');
    const { daily, hourly } = await verification().verify(DAY);
    expect([daily, hourly]).toEqual([{ rows: 1, by: { calls: 2, output: 5 } }, right]);
    expect(await total()).toMatchObject({ calls: 1, output: 30 });
  });

  it('takes a cost as it was corrected last', async () => {
    const callId = await settle(1);
    await rollUp();
    for (const nano of [1_200, 1_500]) {
      await sql(
        `INSERT INTO cost_correction (call_id, replay_id, price_version, cost_status, cost_nano_usd, previous_nano_usd)
         VALUES ($1, $2, 'v2', 'priced', $3, 1000)`,
        [callId, randomUUID(), nano],
      );
    }
    expect((await verification().verify(DAY)).daily).toEqual({ rows: 1, by: { cost_nano_usd: 500 } });
    expect(await total()).toMatchObject({ costNanoUsd: 1_500n });
  });

  it('repairs a difference once, however many look at the same time, with calls and rollups going on', async () => {
    await settle(1);
    await sql('DELETE FROM usage_delta');
    await Promise.all([
      ...Array.from({ length: 4 }, () => verification().verify(DAY)),
      ...Array.from({ length: 5 }, (_, hour) => settle(hour)),
      ...Array.from({ length: 3 }, () => rollUp()),
    ]);
    expect(await total()).toMatchObject({ calls: 6 });
  });

  it('looks at every finished day of a week once, says which, and never at a day whose ledger is partly gone', async () => {
    await settle(1);
    const days = await verification().verifyDue(NOW);
    expect(days).toHaveLength(7);
    expect(days.at(-1)).toEqual({ day: DAY, hourly: right, daily: right });
    expect(await verification().verifyDue(NOW)).toEqual([]);
    expect(await verification().verifyDue(NOW + DAY_MS, { ledger: 2, hourly: 0 })).toHaveLength(1);
    expect(await verification().verifyDue(NOW + 9 * DAY_MS, { ledger: 1, hourly: 0 })).toEqual([]);
    const period = { fromMs: YESTERDAY_MS - 9 * DAY_MS, toMs: YESTERDAY_MS + 3 * DAY_MS };
    expect(await verification().coverage(period)).toEqual({ finished: 10, compared: 7 });
  });

  it('leaves the hours of a day alone that are not kept any more', async () => {
    await settle(1);
    await rollUp();
    await sql('DELETE FROM usage_hourly');
    const [day] = (await verification().verifyDue(NOW, { ledger: 0, hourly: 1 })).slice(-1);
    expect(day).toEqual({ day: DAY, daily: right });
    expect(await sql('SELECT FROM usage_hourly')).toEqual([]);
  });
});
