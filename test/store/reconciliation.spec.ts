import { randomUUID } from 'node:crypto';
import { fakeLogin } from '../support/fake-login.js';
import { useDatabase } from '../support/database.js';
import { sampleCall, sampleSettlement } from '../support/sample-calls.js';
import { FakeKind, POOL, upstreamServices } from '../support/upstream-services.js';
import { settlementRecord } from '../../src/accounting/records.js';
import { AccountUsage } from '../../src/accounting/rollups/account-usage.service.js';
import { RollupService } from '../../src/accounting/rollups/rollup.service.js';
import { SettlementRepository } from '../../src/accounting/settlement.repository.js';
import { newCallId, type AccountId } from '../../src/core/index.js';
import { AccountWindows } from '../../src/upstream/quota/account-windows.service.js';
import { AccountDrifts } from '../../src/reconciliation/account-drift.service.js';
import { AccountReconciliationPoint } from '../../src/reconciliation/account-reconciliation-point.entity.js';
import { AccountReconciliation } from '../../src/reconciliation/account-reconciliation.entity.js';
import { ReconciliationRepository } from '../../src/reconciliation/reconciliation.repository.js';
import { ReconciliationService } from '../../src/reconciliation/reconciliation.service.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** On no hour: windows begin at any minute. */
const START_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 20 * HOUR_MS + 17 * MINUTE_MS;
const RESETS_MS = START_MS + 7 * DAY_MS;
/** Weighs as much as 1 000 000 tokens of input. */
const CALL = { inputUncached: 200_000, inputCached: 0, cacheWrite: 0, output: 100_000, reasoning: 0 };

describe('the reconciliation of accounts', () => {
  const database = useDatabase([AccountReconciliation, AccountReconciliationPoint]);
  const sql = (text: string, parameters: unknown[] = []) => database.dataSource().query<object[]>(text, parameters);
  const repository = () => new ReconciliationRepository(database.dataSource());
  const service = () =>
    new ReconciliationService(
      new AccountWindows(database.dataSource()),
      new AccountUsage(database.dataSource()),
      repository(),
    );
  const drifts = async () =>
    (await new AccountDrifts(new AccountWindows(database.dataSource()), repository()).all()).drifts;
  const points = () => sql('SELECT * FROM account_reconciliation_point ORDER BY account_id, limit_id, at');

  beforeEach(() =>
    sql(`TRUNCATE upstream_account, account_reconciliation, account_reconciliation_point, ledger_entry, usage_delta,
                  usage_hourly, usage_daily, settlement_outbox CASCADE`),
  );

  async function account(label = 'alice'): Promise<AccountId> {
    const { accounts } = upstreamServices(database.dataSource(), new FakeKind());
    const { authJson } = fakeLogin({ accountId: `acc-${label}` });
    const { id } = (await accounts.importAuthJson(authJson, { label, poolId: POOL })).account;
    await sql('UPDATE upstream_account SET created_at = $2 WHERE id = $1', [id, new Date(START_MS - DAY_MS)]);
    return id;
  }

  async function calls(accountId: AccountId, count: number, atMs: number, model = 'gpt-5.5'): Promise<void> {
    const records = Array.from({ length: count }, (_, n) => {
      const call = sampleCall({ callId: newCallId(atMs + n), receivedAtMs: atMs + n, model });
      const settlement = sampleSettlement(call, { usage: CALL, cost: { status: 'unpriced' } });
      const attempts = settlement.attempts.map((attempt) => ({ ...attempt, accountId }));
      return settlementRecord({ ...settlement, attempts }, randomUUID());
    });
    await new SettlementRepository(database.dataSource()).write(records, 'queue');
  }

  const says = (accountId: AccountId, usedPercent: number, atMs: number, limitId = 'codex') =>
    sql(
      `INSERT INTO account_quota_window (account_id, limit_id, window_minutes, used_percent, resets_at, observed_at,
                                         held_since, held_at)
       VALUES ($1, $2, 10080, $3, $4, $5, $5, $5)
           ON CONFLICT ON CONSTRAINT account_quota_window_pk
           DO UPDATE SET used_percent = $3, observed_at = $5, held_at = $5`,
      [accountId, limitId, usedPercent, new Date(RESETS_MS), new Date(atMs)],
    );

  /** Hours of one call to a percent; in each the provider speaks at half past, and we look at the full hour. */
  async function live(id: AccountId, from: number, to: number, others = 0): Promise<void> {
    for (let hour = from; hour < to; hour += 1) {
      await calls(id, 4, START_MS + hour * HOUR_MS + 5 * MINUTE_MS);
      if (hour % 3 === 0) await new RollupService(database.dataSource()).rollUp();
      const atMs = START_MS + hour * HOUR_MS + 30 * MINUTE_MS;
      await says(id, 4 * (hour + 1) + others * Math.max(0, hour + 1 - from), atMs);
      await service().run(atMs + 20 * MINUTE_MS);
    }
  }

  it('finds no drift where all use is ours, and the drift of what others use then', async () => {
    const id = await account();
    await live(id, 0, 6);
    const [{ windows } = { windows: [] }] = await drifts();
    expect(windows).toMatchObject([{ usedPercent: 24, driftPercent: 0, confidence: 'high', points: 6, basis: 'own' }]);
    await live(id, 6, 10, 8);
    const [{ windows: later } = { windows: [] }] = await drifts();
    expect(later).toMatchObject([{ usedPercent: 72, countedPercent: 72, since: new Date(START_MS) }]);
    expect(later[0]?.driftPercent).toBeGreaterThanOrEqual(32 - 5);
    expect(later[0]?.driftPercent).toBeLessThanOrEqual(33);
    const tokens = (later[0]?.driftPercent ?? 0) * (later[0]?.tokensPerPercent ?? 0);
    expect(later[0]?.driftTokens).toBeCloseTo(tokens, -2);
  });

  it('sums what was received in the window up to when the provider spoke, and nothing of other accounts', async () => {
    const [id, other] = [await account(), await account('bob')];
    await calls(id, 7, START_MS - 5 * MINUTE_MS);
    await calls(id, 3, START_MS + MINUTE_MS);
    await calls(id, 5, START_MS + 3 * HOUR_MS);
    await calls(other, 9, START_MS + 3 * HOUR_MS);
    await new RollupService(database.dataSource()).rollUp();
    await calls(id, 2, START_MS + 4 * HOUR_MS);
    await calls(id, 4, START_MS + 5 * HOUR_MS + MINUTE_MS);
    await says(id, 10, START_MS + 5 * HOUR_MS);
    expect(await service().run(Date.now())).toMatchObject({ accounts: 1, windows: 1, points: 1, settled: true });
    expect(await points()).toMatchObject([{ account_id: id, our_tokens: 10_000_000, used_percent: 10 }]);
  });

  it('counts for the meter of a model the calls of that model only', async () => {
    const id = await account();
    await calls(id, 3, START_MS + MINUTE_MS);
    await calls(id, 2, START_MS + MINUTE_MS, 'gpt-5.3-codex-spark');
    for (const limitId of ['codex', 'gpt_5_3_codex_spark']) await says(id, 10, START_MS + HOUR_MS, limitId);
    await service().run(Date.now());
    expect(await points()).toMatchObject([{ our_tokens: 5_000_000 }, { our_tokens: 2_000_000 }]);
  });

  it('takes calls at their price where they have one', async () => {
    const id = await account();
    const call = sampleCall({ callId: newCallId(START_MS + 1), receivedAtMs: START_MS + 1 });
    const cost = { status: 'priced', nanoUsd: 1_250 * 777, priceVersion: 'v1' } as const;
    const settlement = sampleSettlement(call, { usage: CALL, cost });
    const attempts = settlement.attempts.map((attempt) => ({ ...attempt, accountId: id }));
    const record = settlementRecord({ ...settlement, attempts }, randomUUID());
    await new SettlementRepository(database.dataSource()).write([record], 'queue');
    await says(id, 1, START_MS + 10);
    await service().run(Date.now());
    await says(id, 2, START_MS + 2 * HOUR_MS);
    await service().run(Date.now());
    expect(await points()).toMatchObject([{ our_tokens: 777 }, { our_tokens: 777 }]);
  });

  it('comes to the same when it is done twice, or by several workers at once', async () => {
    const id = await account();
    await live(id, 0, 4);
    const before = [await points(), await drifts()];
    await service().run(Date.now());
    await Promise.all([1, 2, 3].map(() => service().run(Date.now())));
    expect([await points(), await drifts()]).toEqual(before);
    await calls(id, 4, START_MS + 4 * HOUR_MS);
    await says(id, 20, START_MS + 5 * HOUR_MS);
    const rounds = await Promise.all([1, 2, 3].map(() => service().run(Date.now())));
    expect(rounds.reduce((sum, round) => sum + round.points, 0)).toBe(1);
    expect((await drifts())[0]?.windows).toMatchObject([{ usedPercent: 20, points: 5, driftPercent: 0 }]);
  });

  it('takes no point while settlements are held up', async () => {
    const id = await account();
    await says(id, 10, START_MS + HOUR_MS);
    await sql(
      `INSERT INTO settlement_outbox (call_id, record, written_at) VALUES ($1, '{}', now() - interval '2 min')`,
      [randomUUID()],
    );
    expect(await service().run(Date.now())).toMatchObject({ points: 0, settled: false });
    await sql('DELETE FROM settlement_outbox');
    expect(await service().run(Date.now())).toMatchObject({ points: 1, settled: true });
  });

  it('forgets points after 14 days, and knows the accounts of which it knows nothing', async () => {
    const id = await account();
    await account('bob');
    await says(id, 10, START_MS + HOUR_MS);
    await service().run(Date.now());
    expect((await drifts()).map(({ account: { label }, windows }) => [label, windows.length]).sort()).toEqual([
      ['alice', 1],
      ['bob', 0],
    ]);
    await service().run(Date.now() + 15 * DAY_MS);
    expect([await points(), (await drifts()).flatMap(({ windows }) => windows)]).toEqual([[], []]);
  });

  it('takes the rate of a plan from three accounts that show it for certain', async () => {
    const ids = await Promise.all(['a', 'b', 'c'].map((label) => account(label)));
    const result = (accountId: AccountId, tokensPerPercent: number) => ({
      ...{ accountId, limitId: 'codex', windowMinutes: 10_080, plan: 'pro', usedPercent: 30, countedPercent: 30 },
      ...{ asOfMs: START_MS, sinceMs: START_MS, resetsAtMs: RESETS_MS, ourTokens: 9, points: 9, tokensPerPercent },
      ...({ basis: 'own', confidence: 'high' } as const),
    });
    await repository().save(ids.slice(0, 2).map((id) => result(id, 100)));
    expect(await repository().planRates()).toEqual([]);
    await repository().save(ids.map((id, n) => result(id, 100 + n)));
    expect(await repository().planRates()).toMatchObject([{ plan: 'pro', tokensPerPercent: 101 }]);
  });
});
