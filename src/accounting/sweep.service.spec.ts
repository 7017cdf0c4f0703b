import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { SAMPLE_ACCOUNT, SAMPLE_USAGE, sampleCall, sampleSettlement } from '../../test/support/sample-calls.js';
import { useDatabase } from '../../test/support/database.js';
import { useSweepWorld } from '../../test/support/sweep-world.js';
import { deltaSums } from '../../test/support/usage-sums.js';
import type { KeyId } from '../core/index.js';
import { IntentRepository } from './intent.repository.js';
import { ProcessRegistry } from './process-registry.service.js';
import { requestRecord, settlementRecord } from './records.js';

const MINUTE_MS = 60_000;

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('SweepService', () => {
  const world = useSweepWorld();
  const { sql, settlements, sweepLost: sweep, registry, find, processRow, inFlight } = world;

  const silentFor = (id: string, ms: number) =>
    sql(
      `UPDATE gateway_process SET heartbeat_at = heartbeat_at - $2 * interval '1 ms',
           suspected_at = suspected_at - $2 * interval '1 ms' WHERE id = $1`,
      [id, ms],
    );
  const processes = async (id: string) => sql('SELECT suspected_at FROM gateway_process WHERE id = $1', [id]);

  it('settles the calls of a process that was silent at two looks, and forgets the process', async () => {
    const dead = await processRow(21_000);
    const call = await inFlight(dead);
    expect(await sweep()).toBe(0);
    await silentFor(dead, 10_000);
    expect(await sweep()).toBe(1);
    expect(await find(call)).toMatchObject({
      status: 'failed',
      errorCode: 'process_lost',
      blame: 'gateway',
      attempts: [{ status: 'failed', errorCode: 'process_lost', completedAt: expect.any(Date) }],
      completedAt: expect.any(Date),
      ledger: { outcome: 'failed', settledBy: 'sweeper', accountId: SAMPLE_ACCOUNT },
    });
    expect((await find(call))?.ledger).not.toHaveProperty('usage');
    expect(await processes(dead)).toEqual([]);
  });

  it('leaves the calls of a process alone that has missed a heartbeat or two', async () => {
    const slow = await processRow(15_000);
    const call = await inFlight(slow);
    await sweep();
    await sweep();
    expect(await find(call)).toMatchObject({ status: 'in_flight' });
    expect(await processes(slow)).toEqual([{ suspected_at: null }]);
  });

  it('takes no process for dead after an outage of Postgres, once it says that it lives', async () => {
    const live = registry();
    await live.heartbeat();
    const call = await inFlight(live.id);
    await silentFor(live.id, 10 * MINUTE_MS);
    await sweep();
    expect(await processes(live.id)).toEqual([{ suspected_at: expect.any(Date) }]);
    await live.heartbeat();
    await silentFor(live.id, 10_000);
    expect(await sweep()).toBe(0);
    expect(await find(call)).toMatchObject({ status: 'in_flight' });
    expect(await processes(live.id)).toEqual([{ suspected_at: null }]);
  });

  it('takes no process for dead because the clock was set forward or back', async () => {
    const ahead = await processRow(-60 * MINUTE_MS, -60 * MINUTE_MS);
    const call = await inFlight(ahead);
    await sweep();
    expect(await find(call)).toMatchObject({ status: 'in_flight' });
    await silentFor(ahead, 10_000);
    expect(await sweep()).toBe(1);
  });

  it('settles old calls whose process has no row, and leaves young ones', async () => {
    const old = await inFlight(randomUUID(), sampleCall({ receivedAtMs: Date.now() - 2 * MINUTE_MS }));
    const young = await inFlight(randomUUID());
    expect(await sweep()).toBe(1);
    expect(await find(old)).toMatchObject({ errorCode: 'process_lost' });
    expect(await find(young)).toMatchObject({ status: 'in_flight' });
  });

  it('settles each call once when several workers sweep at the same time', async () => {
    const dead = await processRow(MINUTE_MS, 11_000);
    const calls = await Promise.all(Array.from({ length: 60 }, () => inFlight(dead)));
    const counts = await Promise.all([sweep(), sweep(), sweep(), sweep()]);
    const [rows] = (await sql('SELECT count(*)::int AS n FROM ledger_entry')) as [{ n: number }];
    expect([counts.reduce((sum, count) => sum + count), rows.n]).toEqual([60, 60]);
    await sweep();
    expect(await processes(dead)).toEqual([]);
    expect(await find(calls[0] ?? sampleCall())).toMatchObject({ status: 'failed' });
  });

  it('goes on where the process itself had already settled', async () => {
    const dead = await processRow(MINUTE_MS, 11_000);
    const call = await inFlight(dead);
    await settlements().write([settlementRecord(sampleSettlement(call), dead)], 'queue');
    expect(await sweep()).toBe(0);
    expect(await find(call)).toMatchObject({
      status: 'succeeded',
      ledger: { settledBy: 'queue', usage: SAMPLE_USAGE },
    });
    expect(await processes(dead)).toEqual([]);
  });

  it('counts a lost call as failed and unknown, until the truth takes the place of the guess', async () => {
    const call = await inFlight(await processRow(MINUTE_MS, 11_000), sampleCall({ keyId: randomUUID() as KeyId }));
    await sweep();
    const sums = () => deltaSums(world.source(), call.keyId);
    expect(Object.values(await sums())).toEqual([expect.objectContaining({ calls: 1, failed: 1, unknown_usage: 1 })]);
    await settlements().write([settlementRecord(sampleSettlement(call), randomUUID())], 'direct');
    expect(Object.values(await sums())).toEqual([
      expect.objectContaining({ calls: 1, failed: 0, unknown_usage: 0, succeeded: 1, output: SAMPLE_USAGE.output }),
    ]);
  });

  it('lets a process that was wrongly taken for dead put the truth in the place of the guess', async () => {
    const paused = await processRow(MINUTE_MS, 11_000);
    const call = await inFlight(paused);
    await sweep();
    await settlements().write([settlementRecord(sampleSettlement(call), paused)], 'direct');
    expect(await find(call)).toMatchObject({
      status: 'succeeded',
      attempts: [{ status: 'succeeded' }],
      ledger: { outcome: 'succeeded', settledBy: 'direct', usage: SAMPLE_USAGE },
    });
    expect(await find(call)).not.toHaveProperty('errorCode');
  });
});

describe('ProcessRegistry', () => {
  const database = useDatabase();
  const rows = () => database.dataSource().query<object[]>('SELECT role FROM gateway_process');

  it('signs on, comes back after it was swept, and signs off', async () => {
    const registry = new ProcessRegistry(database.dataSource(), 'gateway');
    await registry.heartbeat();
    await registry.heartbeat();
    expect(await rows()).toEqual([{ role: 'gateway' }]);
    await database.dataSource().query('DELETE FROM gateway_process');
    await registry.heartbeat();
    expect(await rows()).toHaveLength(1);
    await registry.leave();
    expect(await rows()).toEqual([]);
  });

  it('stays on the list while a call of its own is in flight, for the sweeper', async () => {
    const registry = new ProcessRegistry(database.dataSource(), 'gateway');
    await registry.heartbeat();
    const call = requestRecord(sampleCall(), registry.id);
    await new IntentRepository(database.dataSource()).write([{ request: call }]);
    await registry.leave();
    expect(await rows()).toHaveLength(1);
  });
});
