import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { QueryRunner } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { RequestLogService, UsageReports } from '../../src/accounting/index.js';
import { PartitionMaintenance } from '../../src/accounting/partitions/partition-maintenance.service.js';
import { settlementRecord } from '../../src/accounting/records.js';
import { SettlementRepository } from '../../src/accounting/settlement.repository.js';
import { SweepService } from '../../src/accounting/sweep.service.js';
import type { CallId, KeyId, PoolId } from '../../src/core/index.js';
import { loadConfig } from '../../src/platform/config/index.js';
import { runMigrations } from '../../src/platform/database/index.js';
import { OldRowsRepository, PartitionsRepository } from '../../src/platform/partitions/index.js';
import { useDatabase } from '../support/database.js';
import {
  CALLS,
  FIRST_RELEASE_ENTRY,
  FIRST_RELEASE_ROWS,
  GREATEST_CALL,
  LEAST_CALL,
  LIVING_PROCESS,
  LOST_CALL,
  ofFirstRelease,
  OLD_KEYS,
  OLD_POOL,
  OPEN_CALL,
} from '../support/first-release.js';
import { sampleCall, sampleSettlement } from '../support/sample-calls.js';

/** Its last migration. */
const FIRST_RELEASE = '1795220700000';
const DAY_MS = 86_400_000;

// Every migration twice.
jest.setTimeout(60_000);

type Row = Readonly<Record<string, unknown>>;

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('a database of the first release, with rows in every table', () => {
  const database = useDatabase([], { empty: true });
  const sql = <Found extends object = Row>(text: string, parameters: unknown[] = []) =>
    database.dataSource().query<Found[]>(text, parameters);
  const log = () => new RequestLogService(database.dataSource());
  const settlements = () => new SettlementRepository(database.dataSource());
  const isFirst = (name: string) => name.slice(-13) <= FIRST_RELEASE;
  const later = migrations.filter((migration) => !isFirst(migration.name));

  let before: ReadonlyMap<string, readonly Row[]>;
  let sumsBefore: readonly Row[];

  beforeAll(async () => {
    const first = migrations.filter((migration) => isFirst(migration.name));
    await runMigrations(database.url(), first);
    await database.dataSource().transaction((transaction) => transaction.query(FIRST_RELEASE_ROWS));
    before = await everything();
    sumsBefore = await sums('FROM ledger_entry JOIN request ON request.id = call_id');
    await runMigrations(database.url(), migrations);
  });

  /** Rows of every table as JSON, in an order of their own. */
  async function everything(tables?: readonly string[]): Promise<Map<string, Row[]>> {
    const names =
      tables ??
      (
        await sql<{ name: string }>(`
        SELECT relname AS name FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
           AND relname <> 'schema_migration'`)
      ).map(({ name }) => name);
    const found = new Map<string, Row[]>();
    for (const name of names) {
      const rows = await sql<{ row: Row }>(
        `SELECT to_jsonb(${name}) AS row FROM ${name} ORDER BY to_jsonb(${name})::text`,
      );
      found.set(
        name,
        rows.map(({ row }) => row),
      );
    }
    return found;
  }

  const sums = (from: string): Promise<Row[]> =>
    sql(`SELECT ledger_entry.key_id AS "keyId", request.model, count(*)::int AS calls,
                coalesce(sum(input_uncached), 0)::int AS "inputUncached", coalesce(sum(input_cached), 0)::int AS "inputCached",
                coalesce(sum(cache_write), 0)::int AS "cacheWrite", coalesce(sum(output), 0)::int AS output,
                coalesce(sum(reasoning), 0)::int AS reasoning, (count(*) FILTER (WHERE NOT usage_known))::int AS "unknownUsage"
           ${from} GROUP BY 1, 2 ORDER BY 1, 2`);

  /** What a row of the first release had. */
  const asBefore = (rows: readonly Row[], old: readonly Row[]): Row[] => {
    const columns = Object.keys(old[0] ?? {});
    return rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column]])));
  };

  const byText = (rows: readonly Row[]): string[] =>
    rows.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();

  const maintain = () =>
    new PartitionMaintenance(
      new PartitionsRepository(database.dataSource()),
      new OldRowsRepository(database.dataSource()),
      loadConfig({}),
    ).run();

  const placeOf = async (id: string): Promise<unknown> =>
    (await sql('SELECT tableoid::regclass::text AS place FROM request WHERE id = $1', [id]))[0]?.['place'];

  it('has something in every table', () => {
    expect([...before].filter(([, rows]) => rows.length === 0).map(([name]) => name)).toEqual([]);
    expect(before.get('ledger_entry')).toHaveLength(CALLS);
  });

  it('keeps every row with all that was in it', async () => {
    const after = await everything([...before.keys()]);
    for (const [name, old] of before) {
      expect([name, byText(asBefore(after.get(name) ?? [], old))]).toEqual([name, byText(old)]);
    }
  });

  it('has the same sums by bucket, model and key, in the ledger and in reports', async () => {
    expect(await sums('FROM ledger_entry JOIN request ON request.id = call_id')).toEqual(sumsBefore);
    const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const rows = await new UsageReports(database.dataSource()).report({
      fromMs: midnight - 800 * DAY_MS,
      toMs: midnight + DAY_MS,
      groupBy: ['key', 'model'],
    });
    const told = rows.map((row) =>
      Object.fromEntries(Object.keys(sumsBefore[0] ?? {}).map((name) => [name, row[name as keyof typeof row]])),
    );
    expect(byText(told)).toEqual(byText(sumsBefore));
  });

  it('copies no row but those whose ids lie in a partition of now', async () => {
    const places = await sql(
      `SELECT tableoid::regclass::text AS place, count(*)::int AS n FROM request GROUP BY 1 ORDER BY 1 DESC`,
    );
    expect(places).toEqual([
      { place: 'request_default', n: CALLS + 1 },
      { place: expect.stringMatching(/^request_\d{8}$/), n: 1 },
    ]);
  });

  it('finds old calls by their ids, and by what their clients saw', async () => {
    for (const callId of [LEAST_CALL, GREATEST_CALL]) {
      const found = await log().find(callId);
      expect(found).toMatchObject({ callId, ledger: { outcome: 'succeeded' } });
      expect(found?.attempts.at(-1)).toMatchObject({ accountLabel: 'alice', status: 'succeeded' });
    }
    expect(await log().find('req_7')).toMatchObject({ requestId: 'req_7' });
    expect(await log().recent(OLD_POOL as PoolId, 3)).toHaveLength(3);
    expect(await log().lastAccount(OLD_KEYS[0] as KeyId, Date.now() - 60 * DAY_MS)).toBeDefined();
  });

  it('settles a call that was in flight when a new worker hears of its end from an old gateway', async () => {
    const call = sampleCall({ callId: OPEN_CALL as CallId, poolId: OLD_POOL as PoolId, keyId: OLD_KEYS[0] as KeyId });
    const record = ofFirstRelease(settlementRecord(sampleSettlement(call), LIVING_PROCESS));
    expect(await settlements().write([record, record], 'queue')).toEqual([]);
    expect(await log().find(OPEN_CALL)).toMatchObject({ status: 'succeeded', attempts: [{ status: 'succeeded' }] });
    expect(await settlementsOf(OPEN_CALL)).toEqual([{ settled_by: 'queue', cost_status: 'unpriced' }]);
  });

  it('settles the call of an old gateway of which it knows nothing yet', async () => {
    const call = sampleCall({
      callId: randomUUID() as CallId,
      poolId: OLD_POOL as PoolId,
      keyId: OLD_KEYS[0] as KeyId,
    });
    const record = ofFirstRelease(settlementRecord(sampleSettlement(call), LIVING_PROCESS));
    expect(await settlements().write([record], 'queue')).toEqual([]);
    expect(await placeOf(call.callId)).toBe('request_default');
    expect(await settlementsOf(call.callId)).toHaveLength(1);
  });

  it('takes an entry of the ledger that an old gateway writes by itself', async () => {
    const id = randomUUID();
    expect(await sql(FIRST_RELEASE_ENTRY, [id])).toEqual([{ call_id: id }]);
    expect(await sql(FIRST_RELEASE_ENTRY, [id])).toEqual([]);
    await sql('DELETE FROM ledger_entry WHERE call_id = $1', [id]);
  });

  it('settles what a process left in flight that died before', async () => {
    const sweeps = new SweepService(database.dataSource(), settlements());
    await sweeps.sweep();
    expect(await settlementsOf(LOST_CALL)).toEqual([{ settled_by: 'sweeper', cost_status: 'unknown' }]);
    expect(await log().find(LOST_CALL)).toMatchObject({ status: 'failed', attempts: [{ status: 'failed' }] });
  });

  it('lets retention reach the old rows, and sums stay', async () => {
    const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const question = { fromMs: midnight - 800 * DAY_MS, toMs: midnight + DAY_MS };
    const total = await new UsageReports(database.dataSource()).total(question);
    const { deleted } = await maintain();
    expect(deleted).toBeGreaterThan(CALLS);
    for (const [table, time, days] of [
      ['request', 'received_at', 90],
      ['attempt', 'started_at', 30],
      ['ledger_entry', 'occurred_at', 400],
    ] as const) {
      const [row] = await sql(
        `SELECT count(*)::int AS n, extract(day FROM now() - min(${time}))::int AS days FROM ${table}_default`,
      );
      expect(row).toEqual({ n: expect.any(Number), days: expect.any(Number) });
      expect(row?.['n']).toBeGreaterThan(0);
      expect(row?.['days']).toBeLessThanOrEqual(days);
    }
    expect(await new UsageReports(database.dataSource()).total(question)).toEqual(total);
  });

  it('can be taken back to the first release, with every row that is there, and brought here again', async () => {
    const kept = await everything([...before.keys()]);
    await inOneTransaction(async (runner) => {
      for (const Migration of [...later].reverse()) {
        await new Migration().down(runner);
        await runner.query('DELETE FROM schema_migration WHERE name = $1', [Migration.name]);
      }
    });
    const back = await everything();
    expect([...back.keys()].sort()).toEqual([...before.keys()].sort());
    for (const [name, old] of before) {
      expect(Object.keys(back.get(name)?.[0] ?? old[0] ?? {}).sort()).toEqual(Object.keys(old[0] ?? {}).sort());
      expect([name, byText(back.get(name) ?? [])]).toEqual([name, byText(asBefore(kept.get(name) ?? [], old))]);
    }
    expect(await runMigrations(database.url(), migrations)).toHaveLength(later.length);
    expect(await log().recent(OLD_POOL as PoolId, 3)).toHaveLength(3);
  });

  const settlementsOf = (id: string): Promise<Row[]> =>
    sql('SELECT settled_by, cost_status FROM ledger_entry WHERE call_id = $1', [id]);

  async function inOneTransaction(work: (runner: QueryRunner) => Promise<void>): Promise<void> {
    const runner = database.dataSource().createQueryRunner();
    try {
      await runner.startTransaction();
      await work(runner);
      await runner.commitTransaction();
    } finally {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      await runner.release();
    }
  }
});
