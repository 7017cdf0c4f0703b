import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { sampleCall, sampleSettlement } from '../../test/support/sample-calls.js';
import type { CallId } from '../core/index.js';
import { JobProducer } from '../platform/queue/index.js';
import { settlementRecord, type SettlementRecord } from './records.js';
import { SettlementOutbox } from './settlement-outbox.service.js';
import { SettlementRepository } from './settlement.repository.js';

const settlement = (): SettlementRecord => settlementRecord(sampleSettlement(sampleCall()), randomUUID());

class FakeProducer extends JobProducer {
  readonly jobs: object[] = [];
  up = true;

  constructor() {
    super(undefined as never);
  }

  override async add(_queue: string, _name: string, data: object): Promise<boolean> {
    if (this.up) this.jobs.push(data);
    return this.up;
  }
}

class FakeSettlements extends SettlementRepository {
  readonly outbox = new Map<CallId, SettlementRecord>();
  readonly ledger = new Map<CallId, string>();
  tries = 0;
  fault: () => Promise<unknown> = () => Promise.resolve();

  constructor() {
    super(new DataSource({ type: 'postgres' }));
  }

  override async keep(records: readonly SettlementRecord[]): Promise<SettlementRecord[]> {
    this.tries++;
    await this.fault();
    for (const record of records) this.outbox.set(record.id, record);
    return [];
  }

  override async settle(callIds: readonly CallId[], by: string): Promise<CallId[]> {
    this.tries++;
    await this.fault();
    for (const id of callIds) if (this.outbox.delete(id)) this.ledger.set(id, by);
    return [];
  }
}

const away = () => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' }));

describe('SettlementOutbox', () => {
  let queue: FakeProducer;
  let postgres: FakeSettlements;
  let outbox: SettlementOutbox;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(() => {
    jest.useFakeTimers();
    queue = new FakeProducer();
    postgres = new FakeSettlements();
    outbox = new SettlementOutbox(queue, postgres);
    outbox.onModuleInit();
  });
  afterEach(async () => {
    postgres.fault = () => Promise.resolve();
    const closed = outbox.close();
    await jest.advanceTimersByTimeAsync(5_000);
    await closed;
    jest.useRealTimers();
  });

  const putSome = (count: number): SettlementRecord[] => {
    const records = Array.from({ length: count }, settlement);
    for (const record of records) outbox.put(record);
    return records;
  };

  it('keeps the settlements of 50 ms together, and hands their ids over as one job', async () => {
    const first = putSome(2);
    await jest.advanceTimersByTimeAsync(49);
    const second = putSome(1);
    expect([queue.jobs, postgres.tries]).toEqual([[], 0]);
    await jest.advanceTimersByTimeAsync(1);
    const records = [...first, ...second];
    expect([...postgres.outbox.values()]).toEqual(records);
    expect(queue.jobs).toEqual([{ callIds: records.map(({ id }) => id) }]);
    expect([postgres.tries, postgres.ledger.size]).toEqual([1, 0]);
  });

  it('tells the queue nothing of a settlement that Postgres does not have', async () => {
    postgres.fault = away;
    putSome(1);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(queue.jobs).toEqual([]);
  });

  it('does not wait for more when a job is full', async () => {
    putSome(450);
    await jest.advanceTimersByTimeAsync(0);
    expect(queue.jobs.map((job) => (job as { callIds: string[] }).callIds.length)).toEqual([200, 200, 50]);
  });

  it('settles by itself what the queue does not take', async () => {
    queue.up = false;
    const [record] = putSome(1);
    await jest.advanceTimersByTimeAsync(50);
    expect([...postgres.ledger]).toEqual([[record?.id, 'direct']]);
  });

  it('keeps everything while Postgres is away too, and writes it once it is back', async () => {
    queue.up = false;
    postgres.fault = away;
    putSome(3);
    await jest.advanceTimersByTimeAsync(10_000);
    putSome(2);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(postgres.tries).toBeLessThan(20);
    postgres.fault = () => Promise.resolve();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(postgres.ledger.size).toBe(5);
  });

  it('gives up a write that hangs and tries it again', async () => {
    queue.up = false;
    postgres.fault = () => new Promise(() => undefined);
    putSome(1);
    await jest.advanceTimersByTimeAsync(1_000);
    postgres.fault = () => Promise.resolve();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(postgres.ledger.size).toBe(1);
  });

  it('settles what the queue has lost, ten seconds after it was handed over', async () => {
    const [done, lost] = putSome(2);
    await jest.advanceTimersByTimeAsync(50);
    if (done) await postgres.settle([done.id], 'queue');
    await outbox.confirm(Date.now() + 9_000);
    expect(postgres.ledger.size).toBe(1);
    await outbox.confirm(Date.now() + 10_000);
    expect([...postgres.ledger]).toEqual([
      [done?.id, 'queue'],
      [lost?.id, 'direct'],
    ]);
  });

  it('looks by itself every five seconds, and only once for each', async () => {
    const [record] = putSome(1);
    await jest.advanceTimersByTimeAsync(16_000);
    expect([...postgres.ledger]).toEqual([[record?.id, 'direct']]);
    const { tries } = postgres;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(postgres.tries).toBe(tries);
  });

  it('tries again later when Postgres is away at that moment', async () => {
    putSome(1);
    await jest.advanceTimersByTimeAsync(50);
    postgres.fault = away;
    const confirmed = outbox.confirm(Date.now() + 20_000);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(postgres.ledger.size).toBe(0);
    postgres.fault = () => Promise.resolve();
    await jest.advanceTimersByTimeAsync(2_000);
    await confirmed;
    expect(postgres.ledger.size).toBe(1);
  });

  it('writes everything before it closes: the batch, the share of the queue, and what failed', async () => {
    queue.up = false;
    postgres.fault = away;
    putSome(1);
    await jest.advanceTimersByTimeAsync(50);
    queue.up = true;
    putSome(1);
    await jest.advanceTimersByTimeAsync(50);
    putSome(1);
    postgres.fault = () => Promise.resolve();
    const closed = outbox.close();
    await jest.advanceTimersByTimeAsync(2_000);
    await closed;
    expect(postgres.ledger.size).toBe(3);
  });

  it('writes a settlement that comes after it was closed', async () => {
    await outbox.close();
    outbox.put(settlement());
    outbox.put(settlement());
    await jest.advanceTimersByTimeAsync(0);
    expect(postgres.ledger.size).toBe(2);
  });

  it('does not hold the end of the process up for longer than four seconds', async () => {
    postgres.fault = away;
    putSome(1);
    let closed = false;
    const closing = outbox.close().then(() => (closed = true));
    await jest.advanceTimersByTimeAsync(3_900);
    expect(closed).toBe(false);
    await jest.advanceTimersByTimeAsync(200);
    await closing;
    expect(closed).toBe(true);
  });
});
