import { randomUUID } from 'node:crypto';
import { sampleCall, sampleSettlement, unknownUsage } from '../../../test/support/sample-calls.js';
import { useDatabase } from '../../../test/support/database.js';
import { newCallId, type CallId, type KeyId, type PoolId } from '../../core/index.js';
import { MemorySharedState } from '../../platform/shared-state/index.js';
import { settlementRecord } from '../records.js';
import { DAY_MS } from '../rollups/days.js';
import { RollupService } from '../rollups/rollup.service.js';
import { RollupVerification } from '../rollups/rollup-verification.service.js';
import { UsageReports } from '../rollups/usage-reports.service.js';
import type { Settlement } from '../settlement.js';
import { SettlementRepository } from '../settlement.repository.js';
import { BUILT_IN_PRICES } from './built-in-prices.js';
import { CostReplayService, type ReplayPeriod, type ReplayPosition } from './cost-replay.service.js';
import { PriceRepository } from './price.repository.js';
import { PriceService } from './price.service.js';

const MIDNIGHT_MS = Date.UTC(2026, 4, 1);
const OLD_VERSION = '2020-01-01';
const priced = (nanoUsd: number) => ({ status: 'priced', nanoUsd, priceVersion: OLD_VERSION }) as const;

describe('a cost replay', () => {
  const database = useDatabase();
  const poolId = randomUUID() as PoolId;
  let keyId: KeyId;
  const sql = <T extends object = object>(text: string, parameters: unknown[] = []) =>
    database.dataSource().query<T[]>(text, parameters);
  const prices = () => new PriceRepository(database.dataSource());
  const replays = () =>
    new CostReplayService(database.dataSource(), new PriceService(prices(), new MemorySharedState(() => 0)));
  const period = (more: Partial<ReplayPeriod> = {}): ReplayPeriod => ({
    fromMs: MIDNIGHT_MS,
    toMs: MIDNIGHT_MS + DAY_MS,
    ...more,
  });

  const settled = async (more: Partial<Settlement> = {}, id?: CallId): Promise<CallId> => {
    const receivedAtMs = more.receivedAtMs ?? MIDNIGHT_MS + 3_600_000;
    const call = sampleCall({ callId: id ?? newCallId(receivedAtMs), poolId, keyId, receivedAtMs });
    const settlement = sampleSettlement(call, { actualModel: 'gpt-6-sol', ...more, receivedAtMs });
    await write(settlement);
    return call.callId;
  };
  const write = async (settlement: Settlement): Promise<void> => {
    await new SettlementRepository(database.dataSource()).write([settlementRecord(settlement, randomUUID())], 'direct');
  };
  const corrections = () =>
    sql(
      'SELECT call_id, cost_status, cost_nano_usd, previous_nano_usd, price_version FROM cost_correction ORDER BY id',
    );
  const reported = async () => {
    const question = { fromMs: MIDNIGHT_MS, toMs: MIDNIGHT_MS + DAY_MS, groupBy: [], filter: { keyId } };
    const [row] = await new UsageReports(database.dataSource()).report(question);
    return row;
  };

  beforeEach(async () => {
    keyId = randomUUID() as KeyId;
    await sql('TRUNCATE ledger_entry, cost_correction, usage_delta, usage_hourly, usage_daily, model_price');
  });

  // 70 × 2000 + 20 × 200 + 10 × 2500 + (30 + 12) × 10000 nano-USD for the sample usage.
  const NOW = 589_000;

  it('corrects what calls cost without touching the ledger, and the sums follow', async () => {
    const call = await settled({ cost: priced(1_000) });
    const before = await sql('SELECT * FROM ledger_entry');
    const sums = await replays().replay(period());
    expect([...sums.models.values()]).toEqual([
      {
        model: 'gpt-6-sol',
        calls: 1,
        changed: 1,
        unpricedBefore: 0,
        unpricedAfter: 0,
        beforeNanoUsd: 1_000n,
        afterNanoUsd: BigInt(NOW),
      },
    ]);
    expect(await corrections()).toEqual([
      {
        call_id: call,
        cost_status: 'priced',
        cost_nano_usd: String(NOW),
        previous_nano_usd: '1000',
        price_version: BUILT_IN_PRICES.version,
      },
    ]);
    expect(await sql('SELECT * FROM ledger_entry')).toEqual(before);
    expect(await reported()).toMatchObject({ calls: 1, costNanoUsd: BigInt(NOW), inputUncached: 70, unpriced: 0 });
  });

  it('changes nothing when it is repeated, also at the same time as another', async () => {
    await Promise.all([1, 2, 3, 4, 5].map(() => settled({ cost: priced(1) })));
    await Promise.all([replays().replay(period(), { batchSize: 2 }), replays().replay(period(), { batchSize: 3 })]);
    expect((await replays().replay(period())).changed).toBe(0);
    expect(await corrections()).toHaveLength(5);
    expect((await reported())?.costNanoUsd).toBe(5n * BigInt(NOW));
  });

  it('corrects a correction by a later list, from the cost that was corrected last', async () => {
    await settled({ cost: priced(1) });
    await replays().replay(period());
    const rates = { input: 1_000, cachedInput: 1_000, cacheWrite: 1_000, output: 1_000 };
    await prices().addOverride({ model: 'gpt-6-sol', tier: 'default', band: 'default', rates, source: 'test' });
    await replays().replay(period());
    expect(await corrections()).toMatchObject([
      { previous_nano_usd: '1', cost_nano_usd: String(NOW) },
      { previous_nano_usd: String(NOW), cost_nano_usd: '142' },
    ]);
    expect((await reported())?.costNanoUsd).toBe(142n);
  });

  it('prices what had no price, and counts it as priced from then on', async () => {
    await settled({ cost: { status: 'unpriced' } });
    await settled({ cost: priced(NOW), actualModel: 'nobody-knows' });
    expect(await reported()).toMatchObject({ unpriced: 1, costNanoUsd: BigInt(NOW) });
    const { models } = await replays().replay(period());
    expect(models.get('gpt-6-sol')).toMatchObject({ unpricedBefore: 1, unpricedAfter: 0 });
    expect(models.get('nobody-knows')).toMatchObject({ unpricedBefore: 0, unpricedAfter: 1, afterNanoUsd: 0n });
    expect(await reported()).toMatchObject({ unpriced: 1, costNanoUsd: BigInt(NOW) });
  });

  it('prices our own count where the usage is unknown, and leaves alone what nobody counted', async () => {
    const call = sampleCall({
      callId: newCallId(MIDNIGHT_MS),
      poolId,
      keyId,
      receivedAtMs: MIDNIGHT_MS,
      model: 'gpt-6-sol',
    });
    const settlement = sampleSettlement(call, { actualModel: 'gpt-6-sol' });
    const cost = { status: 'estimated', nanoUsd: 1, priceVersion: OLD_VERSION } as const;
    await write(unknownUsage(settlement, { cost, estimate: { input: 100, output: 10 } }));
    const nothing = { ...call, callId: newCallId(MIDNIGHT_MS) };
    await write(unknownUsage(sampleSettlement(nothing), { cost: { status: 'unknown' } }));
    expect(await replays().replay(period())).toMatchObject({ calls: 1, changed: 1 });
    expect(await corrections()).toMatchObject([{ cost_status: 'estimated', cost_nano_usd: '300000' }]);
    expect(await reported()).toMatchObject({ unknownUsage: 2, costNanoUsd: 300_000n });
  });

  it('takes the model that was asked for where the upstream named none', async () => {
    const { actualModel: _, ...call } = sampleSettlement(
      sampleCall({ callId: newCallId(MIDNIGHT_MS), poolId, keyId, receivedAtMs: MIDNIGHT_MS, model: 'gpt-6-sol' }),
      { cost: priced(1) },
    );
    await write(call);
    expect((await replays().replay(period())).models.get('gpt-6-sol')?.afterNanoUsd).toBe(BigInt(NOW));
  });

  it('takes calls of its period and Pool only, whatever their ids are', async () => {
    const dayMs = MIDNIGHT_MS + DAY_MS;
    const inside = await settled({ cost: priced(1) }, randomUUID() as CallId);
    await settled({ cost: priced(1), receivedAtMs: dayMs });
    await settled({ cost: priced(1), receivedAtMs: MIDNIGHT_MS - 1 });
    expect(await replays().replay(period({ poolId: randomUUID() as PoolId }))).toMatchObject({ calls: 0 });
    expect(await replays().replay(period({ poolId }))).toMatchObject({ calls: 1 });
    expect(await corrections()).toMatchObject([{ call_id: inside }]);
  });

  it('writes nothing when it only looks, and says the same', async () => {
    await settled({ cost: priced(1) });
    const looked = await replays().replay(period(), { dryRun: true });
    expect(await corrections()).toEqual([]);
    expect((await reported())?.costNanoUsd).toBe(1n);
    expect(await replays().replay(period())).toEqual(looked);
  });

  it('stops when its time is over, and goes on from there, until all calls were looked at once', async () => {
    for (let call = 0; call < 5; call += 1) await settled({ cost: priced(1) });
    const told: number[] = [];
    let after: ReplayPosition | undefined;
    do {
      const part = await replays().replay(period(), { batchSize: 2, forMs: 0, ...(after && { after }) });
      told.push(part.calls);
      after = part.next;
    } while (after !== undefined);
    expect(told).toEqual([2, 2, 1]);
    expect(await corrections()).toHaveLength(5);
  });

  it('leaves sums that agree with the ledger and its corrections, rolled up before, between and after', async () => {
    await settled({ cost: priced(1) });
    await new RollupService(database.dataSource()).rollUp();
    await settled({ cost: { status: 'unpriced' } });
    await replays().replay(period());
    await new RollupService(database.dataSource()).rollUp();
    const { difference } = await verified();
    expect(difference).toBe(0);
  });

  /** How many rows of the day's sums had to be repaired. */
  async function verified(): Promise<{ difference: number }> {
    await new RollupVerification(database.dataSource()).verify('2026-05-01');
    const [row] = await sql<{ repaired_rows: string }>('SELECT repaired_rows FROM rollup_verification');
    return { difference: Number(row?.repaired_rows) };
  }
});
