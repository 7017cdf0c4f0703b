import { Logger } from '@nestjs/common';
import { callIdFloor, newCallId, type KeyId, type PoolId } from '../../core/index.js';
import { loadConfig } from '../../platform/config/index.js';
import { OldRowsRepository, partitionName, PartitionsRepository } from '../../platform/partitions/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { explained, planNodes, recorded, type Explained } from '../../../test/support/explained.js';
import { sampleAttempt, sampleCall, sampleSettlement } from '../../../test/support/sample-calls.js';
import { IntentRepository } from '../intent.repository.js';
import { attemptStartRecord, requestRecord, settlementRecord } from '../records.js';
import { RequestLogService } from '../request-log.service.js';
import { DAY_MS } from '../rollups/days.js';
import { SettlementRepository } from '../settlement.repository.js';
import { SweepService } from '../sweep.service.js';
import { HOLDS_CALLS_IN_FLIGHT } from './partitioned-tables.js';
import { PartitionMaintenance } from './partition-maintenance.service.js';

/** 120 weeks of 60 000 calls a day. */
const CALLS = 50_000_000;
const WEEKS = 120;
const CALLS_PER_PARTITION = Math.round(CALLS / WEEKS);
const FIRST_MS = Date.UTC(2027, 0, 4);
const NOW_MS = FIRST_MS + (WEEKS - 2) * 7 * DAY_MS + DAY_MS;
const PROCESS = '44444444-4444-4444-8444-444444444444';
const TABLES = ['request', 'attempt', 'ledger_entry'];
const IN_FLIGHT_INDEX = /^request_(\d+_process_id_idx|default_in_flight_idx)$/;
/** To make or to drop one, with its transaction. */
const STATEMENTS_PER_PARTITION = 9;
const KEEP_ALL = {
  RETENTION_REQUEST_DAYS: '0',
  RETENTION_ATTEMPT_DAYS: '0',
  RETENTION_LEDGER_DAYS: '0',
  RETENTION_HOURLY_DAYS: '0',
};

// Hundreds of tables are made.
jest.setTimeout(60_000);

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('50 million calls in 120 partitions of each table', () => {
  const database = useDatabase();
  const sql = <Row extends object = object>(text: string, parameters: unknown[] = []) =>
    database.dataSource().query<Row[]>(text, parameters);
  const maintain = (nowMs: number, environment: Record<string, string> = {}) =>
    new PartitionMaintenance(
      new PartitionsRepository(database.dataSource()),
      new OldRowsRepository(database.dataSource()),
      loadConfig(environment),
    ).run(nowMs);

  beforeAll(async () => {
    for (const table of TABLES) await makePartitions(table);
    const log: string[] = [];
    for (let week = 0; week < WEEKS; week++) log.push(...[0, 1, 2].map((n) => callRow(week, n)));
    await sql(`INSERT INTO request (id, request_id, process_id, pool_id, key_id, key_label, dialect, route, transport,
                                    model, status, received_at) VALUES ${log.join(', ')}`);
    await sql(`INSERT INTO attempt (request_id, number, account_id, account_label, status, started_at)
               SELECT id, 1, pool_id, 'alice', status, received_at FROM request`);
    await sql(`INSERT INTO ledger_entry (call_id, outcome, usage_known, account_id, pool_id, key_id, settled_by,
                                         occurred_at, settled_at, received_at)
               SELECT id, status, false, pool_id, pool_id, key_id, 'queue', received_at, received_at, received_at
                 FROM request`);
    await pretendRows();
  });

  async function makePartitions(table: string): Promise<void> {
    const made = await sql<{ name: string }>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass`,
      [table],
    );
    for (const { name } of made) if (!name.endsWith('_default')) await sql(`DROP TABLE ${name}`);
    const statements = [`ALTER TABLE ${table} DETACH PARTITION ${table}_default`];
    for (let week = 0; week < WEEKS; week++) {
      const fromMs = FIRST_MS + week * 7 * DAY_MS;
      statements.push(
        `CREATE TABLE ${partitionName(table, fromMs)} PARTITION OF ${table}
         FOR VALUES FROM ('${callIdFloor(fromMs)}') TO ('${callIdFloor(fromMs + 7 * DAY_MS)}')`,
      );
    }
    statements.push(`ALTER TABLE ${table} ATTACH PARTITION ${table}_default DEFAULT`);
    await sql(statements.join(';'));
  }

  const callRow = (week: number, n: number): string => {
    const atMs = FIRST_MS + week * 7 * DAY_MS + n * DAY_MS;
    const values = [newCallId(atMs), `req_${week}_${n}`, PROCESS, PROCESS, PROCESS, 'ci', 'd', 'r', 'http_sse', 'm'];
    return `(${[...values, 'succeeded', new Date(atMs).toISOString()].map((value) => `'${value}'`).join(', ')})`;
  };

  /** The planner believes that each page of a partition holds all the rows of its share. */
  async function pretendRows(): Promise<void> {
    await sql(
      `UPDATE pg_class SET reltuples = $1, relpages = 1
        WHERE relispartition AND relkind = 'r' AND relname ~ '^(request|attempt|ledger_entry)_2'`,
      [CALLS_PER_PARTITION],
    );
  }

  /** Partitions that were looked into or written to. */
  const touched = (plans: readonly Explained[]): string[] => {
    const all = planNodes(plans).filter((node) => node['Actual Loops'] !== 0);
    const names = all.flatMap((node) => node['Relation Name'] ?? []);
    return [...new Set(names)].filter((name) => /^(request|attempt|ledger_entry)_/.test(name)).sort();
  };
  /** Reads of whole tables or indexes, other than the index of the calls in flight. */
  const scans = (plans: readonly Explained[]): string[] =>
    planNodes(plans).flatMap((node) => {
      const name = node['Relation Name'] ?? '';
      if (!/^(request|attempt|ledger_entry)_/.test(name) || !node['Node Type'].includes('Scan')) return [];
      const few = node['Index Cond'] !== undefined || IN_FLIGHT_INDEX.test(node['Index Name'] ?? '');
      return few || node['Node Type'] === 'Bitmap Heap Scan'
        ? []
        : [`${node['Node Type']} ${node['Index Name'] ?? name}`];
    });
  const tookMs = (plans: readonly Explained[]): number =>
    plans.reduce((sum, plan) => sum + plan['Planning Time'] + plan['Execution Time'], 0);

  const newest = partitionName('request', FIRST_MS + (WEEKS - 2) * 7 * DAY_MS).slice('request'.length);

  it('lets an intent, a settlement and a look by id touch one partition of each table', async () => {
    const call = sampleCall({ callId: newCallId(NOW_MS), receivedAtMs: NOW_MS });
    const again = newCallId(NOW_MS);
    const statements = await recorded(database.dataSource(), async () => {
      await new IntentRepository(database.dataSource()).write([
        { request: requestRecord(call, PROCESS) },
        { attempt: attemptStartRecord(call.callId, sampleAttempt()) },
      ]);
      await new SettlementRepository(database.dataSource()).write(
        [settlementRecord(sampleSettlement(call), PROCESS)],
        'direct',
      );
      await new RequestLogService(database.dataSource()).find(call.callId);
    });
    const plans = await explained(database.dataSource(), statements, (text) => text.replaceAll(call.callId, again));
    expect(plans.length).toBeGreaterThanOrEqual(6);
    expect(touched(plans)).toEqual([`attempt${newest}`, `ledger_entry${newest}`, `request${newest}`]);
  });

  it('lets lists of calls and the look for calls in flight go by indexes only', async () => {
    const log = new RequestLogService(database.dataSource());
    const statements = await recorded(database.dataSource(), async () => {
      await log.recent(PROCESS as PoolId, 50);
      await log.find('req_7_1');
      await log.lastAccount(PROCESS as KeyId, NOW_MS - DAY_MS);
      await log.openCalls();
      await new SweepService(database.dataSource(), new SettlementRepository(database.dataSource())).sweep();
    });
    const plans = await explained(database.dataSource(), statements);
    expect(scans(plans)).toEqual([]);
    expect(tookMs(plans)).toBeLessThan(2_000);
  });

  it('is maintained by as many statements as there are partitions to make or to drop, and reads no row', async () => {
    const before = await rowsRead();
    const startMs = performance.now();
    const keeping = await recorded(database.dataSource(), () => maintain(NOW_MS, KEEP_ALL));
    const laterMs = NOW_MS + 7 * DAY_MS;
    const dropping = await recorded(database.dataSource(), async () => {
      expect(await maintain(laterMs)).toMatchObject({
        dropped: over(90) + over(30) + over(400),
        postponed: 0,
        deleted: 0,
      });
    });
    expect(keeping.length).toBeLessThan(10 + STATEMENTS_PER_PARTITION * 9);
    expect(dropping.length).toBeLessThan(10 + STATEMENTS_PER_PARTITION * (over(90) + over(30) + over(400) + 9));
    const after = await rowsRead();
    expect([...after].filter(([name, n]) => n > (before.get(name) ?? 0))).toEqual([]);
    expect(performance.now() - startMs).toBeLessThan(30_000);

    /** Weeks that have ended so many days ago. */
    function over(days: number): number {
      return Math.floor(((laterMs - FIRST_MS) / DAY_MS - days) / 7);
    }
  });

  it('looks for calls in flight in a partition by the index of those', async () => {
    const range = [FIRST_MS + (WEEKS - 1) * 7 * DAY_MS, FIRST_MS + WEEKS * 7 * DAY_MS] as const;
    const plans = await explained(database.dataSource(), [
      { text: `SELECT ${HOLDS_CALLS_IN_FLIGHT(range)} AS held`, parameters: [] },
    ]);
    expect(scans(plans)).toEqual([]);
    expect(touched(plans)).toEqual([partitionName('request', range[0])]);
    const read = planNodes(plans).flatMap((node) => node['Index Name'] ?? []);
    expect(read).toEqual([expect.stringMatching(IN_FLIGHT_INDEX)]);
  });

  /** By scans of whole tables: of each table of calls that is there, how many rows. */
  async function rowsRead(): Promise<ReadonlyMap<string, number>> {
    await sql('SELECT pg_stat_force_next_flush()');
    const rows = await sql<{ name: string; n: number }>(
      `SELECT relname AS name, seq_tup_read::int AS n FROM pg_stat_user_tables
        WHERE relname ~ '^(request|attempt|ledger_entry)_'`,
    );
    return new Map(rows.map(({ name, n }) => [name, n]));
  }
});
