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
  readonly jobs: SettlementRecord[][] = [];
  up = true;

  constructor() {
    super(undefined as never);
  }

  override async add(_queue: string, _name: string, data: object): Promise<boolean> {
    if (this.up) this.jobs.push([...(data as { records: SettlementRecord[] }).records]);
    return this.up;
  }
}

class FakeSettlements extends SettlementRepository {
  readonly ledger = new Map<CallId, string>();
  writes = 0;
  fault: () => Promise<unknown> = () => Promise.resolve();

  constructor() {
    super(new DataSource({ type: 'postgres' }));
  }

  override async write(records: readonly SettlementRecord[], by: string): Promise<SettlementRecord[]> {
    this.writes++;
    await this.fault();
    for (const { id } of records) if (!this.ledger.has(id)) this.ledger.set(id, by);
    return [];
  }

  override async settled(ids: readonly CallId[]): Promise<ReadonlySet<CallId>> {
    await this.fault();
    return new Set(ids.filter((id) => this.ledger.has(id)));
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

  it('hands the settlements of 50 ms over as one job', async () => {
    const first = putSome(2);
    await jest.advanceTimersByTimeAsync(49);
    const second = putSome(1);
    expect(queue.jobs).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(queue.jobs).toEqual([[...first, ...second]]);
    expect(postgres.writes).toBe(0);
  });

  it('does not wait for more when a job is full', async () => {
    putSome(450);
    await jest.advanceTimersByTimeAsync(0);
    expect(queue.jobs.map((job) => job.length)).toEqual([200, 200]);
    await jest.advanceTimersByTimeAsync(50);
    expect(queue.jobs.map((job) => job.length)).toEqual([200, 200, 50]);
  });

  it('writes straight to Postgres what the queue does not take', async () => {
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
    expect(postgres.writes).toBeLessThan(20);
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

  it('writes what the queue has lost, ten seconds after it was handed over', async () => {
    const [kept, lost] = putSome(2);
    await jest.advanceTimersByTimeAsync(50);
    if (kept) postgres.ledger.set(kept.id, 'queue');
    await outbox.confirm(Date.now() + 9_000);
    expect(postgres.writes).toBe(0);
    await outbox.confirm(Date.now() + 10_000);
    await jest.advanceTimersByTimeAsync(0);
    expect([...postgres.ledger]).toEqual([
      [kept?.id, 'queue'],
      [lost?.id, 'direct'],
    ]);
  });

  it('looks by itself every five seconds, and only once for what it found', async () => {
    const [record] = putSome(1);
    await jest.advanceTimersByTimeAsync(16_000);
    expect([...postgres.ledger]).toEqual([[record?.id, 'direct']]);
    postgres.ledger.clear();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(postgres.ledger.size).toBe(0);
  });

  it('looks again later when Postgres is away at that moment', async () => {
    putSome(1);
    await jest.advanceTimersByTimeAsync(50);
    postgres.fault = away;
    await outbox.confirm(Date.now() + 20_000);
    postgres.fault = () => Promise.resolve();
    await outbox.confirm(Date.now() + 20_000);
    await jest.advanceTimersByTimeAsync(0);
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
