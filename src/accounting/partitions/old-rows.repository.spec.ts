import { newCallId } from '../../core/index.js';
import { loadConfig } from '../../platform/config/index.js';
import { OldRowsRepository, PartitionsRepository } from '../../platform/partitions/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { DAY_MS } from '../rollups/days.js';
import { PartitionMaintenance } from './partition-maintenance.service.js';

const PROCESS = '44444444-4444-4444-8444-444444444444';

describe('OldRowsRepository', () => {
  const database = useDatabase();
  const sql = <Row extends object = object>(text: string, parameters: unknown[] = []) =>
    database.dataSource().query<Row[]>(text, parameters);
  const oldRows = () => new OldRowsRepository(database.dataSource());
  const run = (nowMs: number) =>
    new PartitionMaintenance(new PartitionsRepository(database.dataSource()), oldRows(), loadConfig({})).run(nowMs);

  afterEach(() => sql('TRUNCATE usage_hourly, cost_correction'));

  async function hour(atMs: number): Promise<void> {
    const counters = await sql<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute
        WHERE attrelid = 'usage_hourly'::regclass AND attnum > 5 AND NOT attisdropped`,
    );
    await sql(
      `INSERT INTO usage_hourly (hour, pool_id, key_id, account_id, model, ${counters.map(({ name }) => name).join(', ')})
       VALUES ($1, $2, $2, $2, 'm', ${counters.map(() => 0).join(', ')})`,
      [new Date(atMs), PROCESS],
    );
  }

  it('deletes in batches, and stops between two when it is time', async () => {
    const atMs = Date.UTC(2027, 0, 13);
    for (let n = 0; n < 5; n++) await hour(atMs + n * 3_600_000);
    const rows = { table: 'usage_hourly', time: 'hour' };
    const looks = [false, false, true];
    const isTime = () => looks.shift() ?? true;
    expect(await oldRows().deleteOld(rows, atMs + DAY_MS, isTime, 2)).toBe(4);
    expect(await sql('SELECT hour FROM usage_hourly')).toEqual([{ hour: new Date(atMs + 4 * 3_600_000) }]);
    expect(await oldRows().deleteOld(rows, atMs + DAY_MS, () => false, 2)).toBe(1);
  });

  it('leaves usage by the hour for 400 days', async () => {
    const nowMs = Date.UTC(2027, 0, 13);
    for (const days of [399, 401]) await hour(nowMs - days * DAY_MS);
    expect(await run(nowMs)).toMatchObject({ deleted: 1 });
    expect(await sql('SELECT hour FROM usage_hourly')).toEqual([{ hour: new Date(nowMs - 399 * DAY_MS) }]);
  });

  it('leaves corrections of the ledger as long as the ledger itself', async () => {
    const nowMs = Date.UTC(2027, 0, 13);
    for (const days of [402, 401, 399]) {
      await sql(`INSERT INTO cost_correction (call_id, replay_id, at, cost_status) VALUES ($1, $2, $3, 'unpriced')`, [
        newCallId(nowMs),
        PROCESS,
        new Date(nowMs - days * DAY_MS),
      ]);
    }
    const rows = { table: 'cost_correction', time: 'at', ascending: 'id' };
    expect(await oldRows().deleteBatch(rows, nowMs - 400 * DAY_MS, 1)).toBe(1);
    expect(await run(nowMs)).toMatchObject({ deleted: 1 });
    expect(await sql('SELECT at FROM cost_correction')).toEqual([{ at: new Date(nowMs - 399 * DAY_MS) }]);
  });
});
