import { Logger } from '@nestjs/common';
import { newCallId, type CallId } from '../../core/index.js';
import { loadConfig } from '../../platform/config/index.js';
import { OldRowsRepository, PartitionsRepository } from '../../platform/partitions/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { sampleAttempt, sampleCall, sampleSettlement } from '../../../test/support/sample-calls.js';
import { IntentRepository } from '../intent.repository.js';
import { attemptStartRecord, requestRecord, settlementRecord } from '../records.js';
import { RequestLogService } from '../request-log.service.js';
import { DAY_MS } from '../rollups/days.js';
import { SettlementRepository } from '../settlement.repository.js';
import { PartitionMaintenance } from './partition-maintenance.service.js';
import { REQUESTS } from './partitioned-tables.js';

const PROCESS = '44444444-4444-4444-8444-444444444444';
const NOTHING = { created: 0, dropped: 0, moved: 0, deleted: 0, postponed: 0 };

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('PartitionMaintenance', () => {
  const database = useDatabase();
  const sql = <Row extends object = object>(text: string, parameters: unknown[] = []) =>
    database.dataSource().query<Row[]>(text, parameters);
  const partitions = () => new PartitionsRepository(database.dataSource());
  const run = (nowMs: number, environment: Record<string, string> = {}) =>
    new PartitionMaintenance(partitions(), new OldRowsRepository(database.dataSource()), loadConfig(environment)).run(
      nowMs,
    );
  const callAt = (atMs: number) => sampleCall({ callId: newCallId(atMs), receivedAtMs: atMs });

  async function inFlight(atMs: number, callId = newCallId(atMs)): Promise<CallId> {
    const call = sampleCall({ callId, receivedAtMs: atMs });
    await new IntentRepository(database.dataSource()).write([
      { request: requestRecord(call, PROCESS) },
      { attempt: attemptStartRecord(callId, { ...sampleAttempt(), startedAtMs: atMs }) },
    ]);
    return callId;
  }

  async function settled(atMs: number, callId = newCallId(atMs)): Promise<CallId> {
    const [attempt] = sampleSettlement(callAt(atMs)).attempts;
    if (!attempt) throw new Error('no attempt');
    const settlement = sampleSettlement(sampleCall({ callId, receivedAtMs: atMs }), {
      completedAtMs: atMs + 1_000,
      attempts: [{ ...attempt, startedAtMs: atMs }],
    });
    await new SettlementRepository(database.dataSource()).write([settlementRecord(settlement, PROCESS)], 'direct');
    return callId;
  }

  /** Which partition each of a call's three rows lies in. */
  async function places(callId: CallId): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {};
    for (const [table, id] of [
      ['request', 'id'],
      ['attempt', 'request_id'],
      ['ledger_entry', 'call_id'],
    ] as const) {
      const rows = await sql<{ place: string }>(
        `SELECT tableoid::regclass::text AS place FROM ${table} WHERE ${id} = $1`,
        [callId],
      );
      found[table] = rows.map(({ place }) => place);
    }
    return found;
  }
  const gone = { request: [], attempt: [], ledger_entry: [] };

  async function names(table = 'request'): Promise<string[]> {
    const rows = await sql<{ name: string }>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY 1`,
      [table],
    );
    return rows.map(({ name }) => name);
  }

  /** As if no worker had run since the tables were made, in a schema of another age. */
  async function withoutPartitions(): Promise<void> {
    for (const table of ['request', 'attempt', 'ledger_entry']) {
      for (const name of await names(table)) if (!name.endsWith('_default')) await sql(`DROP TABLE ${name}`);
    }
  }

  beforeEach(async () => {
    await sql('TRUNCATE request, attempt, ledger_entry');
    await withoutPartitions();
  });

  it('makes the partitions of now and of the time to come, and a second run does nothing', async () => {
    const nowMs = Date.UTC(2027, 0, 13);
    expect(await run(nowMs)).toEqual({ ...NOTHING, created: 9 });
    expect(await names()).toEqual(['request_20270111', 'request_20270118', 'request_20270125', 'request_default']);
    expect(await names('ledger_entry')).toContain('ledger_entry_20270101');
    expect(await run(nowMs)).toEqual(NOTHING);
    expect(await run(nowMs + 7 * DAY_MS)).toEqual({ ...NOTHING, created: 2 });
  });

  it('gives every partition the indexes of its table', async () => {
    await run(Date.UTC(2027, 0, 13));
    const indexes = (table: string) =>
      sql(`SELECT count(*)::int AS n FROM pg_index WHERE indrelid = $1::regclass AND indisvalid`, [table]);
    expect(await indexes('request_20270118')).toEqual(await indexes('request'));
  });

  it('lets calls be written and settled when there is no partition for them', async () => {
    const id = await inFlight(Date.UTC(2027, 0, 13));
    await settled(Date.UTC(2027, 0, 13), id);
    expect(await places(id)).toEqual({
      request: ['request_default'],
      attempt: ['attempt_default'],
      ledger_entry: ['ledger_entry_default'],
    });
    expect(await new RequestLogService(database.dataSource()).find(id)).toMatchObject({ status: 'succeeded' });
  });

  it('moves the rows along that had no partition', async () => {
    const id = await settled(Date.UTC(2027, 0, 13));
    expect(await run(Date.UTC(2027, 0, 13))).toMatchObject({ created: 9, moved: 3 });
    expect(await places(id)).toEqual({
      request: ['request_20270111'],
      attempt: ['attempt_20270111'],
      ledger_entry: ['ledger_entry_20270101'],
    });
  });

  it('leaves them where they are when they are too many to be moved at once', async () => {
    const [fromMs, toMs] = [Date.UTC(2027, 0, 11), Date.UTC(2027, 0, 18)];
    const ids = [await settled(fromMs), await settled(fromMs + DAY_MS)];
    expect(await partitions().create(REQUESTS, [fromMs, toMs], 1)).toEqual({ done: 'held', moved: 0 });
    expect(await partitions().create(REQUESTS, [toMs, toMs + DAY_MS], 1)).toEqual({ done: 'done', moved: 0 });
    expect(await Promise.all(ids.map(places))).toEqual([
      expect.objectContaining({ request: ['request_default'] }),
      expect.objectContaining({ request: ['request_default'] }),
    ]);
  });

  it('drops what is too old, each table at its own age', async () => {
    const startMs = Date.UTC(2027, 0, 13);
    await run(startMs);
    const id = await settled(startMs);
    expect(await run(startMs + 20 * DAY_MS)).toMatchObject({ dropped: 0, deleted: 0 });
    expect(await run(startMs + 40 * DAY_MS)).toMatchObject({ dropped: 1, deleted: 0 });
    expect(await places(id)).toMatchObject({ attempt: [], request: ['request_20270111'] });
    await run(startMs + 100 * DAY_MS);
    expect(await places(id)).toMatchObject({ attempt: [], request: [], ledger_entry: ['ledger_entry_20270101'] });
    await run(startMs + 420 * DAY_MS);
    expect(await places(id)).toEqual(gone);
  });

  it('keeps everything when the retention is 0', async () => {
    const startMs = Date.UTC(2027, 0, 13);
    const forever = { RETENTION_REQUEST_DAYS: '0', RETENTION_ATTEMPT_DAYS: '0', RETENTION_LEDGER_DAYS: '0' };
    const old = await settled(Date.UTC(2001, 0, 1));
    await run(startMs, forever);
    const id = await settled(startMs);
    expect(await run(startMs + 500 * DAY_MS, forever)).toMatchObject({ dropped: 0, deleted: 0 });
    expect([(await places(id)).request, (await places(old)).request]).toEqual([
      ['request_20270101'],
      ['request_default'],
    ]);
  });

  it('keeps a partition until no call in it is in flight', async () => {
    const startMs = Date.UTC(2027, 0, 13);
    await run(startMs);
    const id = await inFlight(startMs);
    expect(await run(startMs + 120 * DAY_MS)).toMatchObject({ postponed: 2 });
    expect(await places(id)).toMatchObject({ request: ['request_20270111'], attempt: ['attempt_20270111'] });
    await settled(startMs, id);
    expect(await run(startMs + 120 * DAY_MS)).toMatchObject({ dropped: 2, postponed: 0 });
    expect(await places(id)).toMatchObject({ request: [], attempt: [], ledger_entry: ['ledger_entry_20270101'] });
  });

  it('deletes old rows that lie in no partition by time, but none of a call in flight', async () => {
    const nowMs = Date.UTC(2027, 0, 13);
    const oldMs = nowMs - 100 * DAY_MS;
    const [old, open, young] = [await settled(oldMs), await inFlight(oldMs), await settled(nowMs - 40 * DAY_MS)];
    expect(await run(nowMs)).toMatchObject({ deleted: 3 });
    expect(await places(old)).toEqual({ ...gone, ledger_entry: ['ledger_entry_default'] });
    expect(await places(open)).toMatchObject({ request: ['request_default'], attempt: ['attempt_default'] });
    expect(await places(young)).toMatchObject({ request: ['request_default'], attempt: [] });
  });

  it('does each thing once when several workers run at the same time', async () => {
    const nowMs = Date.UTC(2027, 0, 13);
    const ids = [await settled(nowMs), await settled(nowMs + DAY_MS)];
    const done = await Promise.all([run(nowMs), run(nowMs), run(nowMs)]);
    const last = await run(nowMs);
    const total = (what: keyof typeof NOTHING) => [...done, last].reduce((sum, each) => sum + each[what], 0);
    expect([total('created'), total('moved')]).toEqual([9, 6]);
    expect((await names()).length).toBe(4);
    for (const id of ids) expect(await places(id)).toMatchObject({ request: ['request_20270111'] });
    expect(await run(nowMs)).toEqual(NOTHING);
  });

  it('does not wait for whoever reads a table, and comes back at the next run', async () => {
    const startMs = Date.UTC(2027, 0, 13);
    const laterMs = startMs + 420 * DAY_MS;
    await run(startMs);
    await run(laterMs, { RETENTION_REQUEST_DAYS: '0', RETENTION_ATTEMPT_DAYS: '0', RETENTION_LEDGER_DAYS: '0' });
    const reader = database.dataSource().createQueryRunner();
    await reader.startTransaction();
    await reader.query('SELECT count(*) FROM ledger_entry');
    try {
      const { postponed } = await run(laterMs);
      expect(postponed).toBeGreaterThan(0);
    } finally {
      await reader.rollbackTransaction();
      await reader.release();
    }
    expect(await names('ledger_entry')).toContain('ledger_entry_20270101');
    expect(await run(laterMs)).toMatchObject({ postponed: 0 });
    expect(await names('ledger_entry')).not.toContain('ledger_entry_20270101');
  });

  it('does nothing more once its process ends', async () => {
    const oldRows = new OldRowsRepository(database.dataSource());
    const maintenance = new PartitionMaintenance(partitions(), oldRows, loadConfig({}));
    maintenance.onModuleDestroy();
    expect(await maintenance.run(Date.UTC(2027, 0, 13))).toEqual(NOTHING);
    expect(await names()).toEqual(['request_default']);
  });

  it('goes by the time of the database', async () => {
    expect(Math.abs((await partitions().nowMs()) - Date.now())).toBeLessThan(60_000);
  });
});
