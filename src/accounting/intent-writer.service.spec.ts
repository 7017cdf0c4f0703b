import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { useDatabase } from '../../test/support/database.js';
import { sampleAttempt, sampleCall, sampleReservation } from '../../test/support/sample-calls.js';
import type { CallIntent } from './call-intent.js';
import type { IntentLine } from './intent-group.js';
import { IntentRepository } from './intent.repository.js';
import { IntentWriter } from './intent-writer.service.js';
import { RequestLogService } from './request-log.service.js';

const PROCESS = randomUUID();
const UNRECORDED = { code: 'accounting_unavailable', status: 503 };

/** Counts its statements; `fault` runs before each and may fail or hang. */
class WatchedIntents extends IntentRepository {
  statements = 0;
  fault: () => Promise<unknown> = () => Promise.resolve();

  override async write(lines: readonly IntentLine[]): Promise<IntentLine[]> {
    this.statements++;
    await this.fault();
    return super.write(lines);
  }
}

/** Commits everything at once, without a database. */
class FakeIntents extends WatchedIntents {
  constructor() {
    super(new DataSource({ type: 'postgres' }));
  }

  override async write(): Promise<IntentLine[]> {
    this.statements++;
    await this.fault();
    return [];
  }
}

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('IntentWriter', () => {
  const database = useDatabase();
  const log = () => new RequestLogService(database.dataSource());

  function writer() {
    const intents = new WatchedIntents(database.dataSource());
    return { intents, writer: new IntentWriter(intents) };
  }

  it('commits request and attempt before durable() resolves', async () => {
    const call = sampleCall({ sessionDigest: Buffer.alloc(32, 9) });
    const intent = writer().writer.open(call, PROCESS);
    intent.attempt(sampleAttempt());
    await intent.durable();
    expect(await log().find(call.callId)).toMatchObject({
      status: 'in_flight',
      requestId: 'req_1',
      receivedAt: new Date(call.receivedAtMs),
      attempts: [{ number: 1, status: 'in_flight', accountLabel: 'alice' }],
    });
    const [row] = await database
      .dataSource()
      .query<object[]>('SELECT process_id, session_digest FROM request WHERE id = $1', [call.callId]);
    expect(row).toEqual({ process_id: PROCESS, session_digest: Buffer.alloc(32, 9) });
  });

  it('writes a thousand calls with a few statements', async () => {
    const { intents, writer: group } = writer();
    const calls = Array.from({ length: 1_000 }, () => sampleCall());
    await Promise.all(
      calls.map((call) => {
        const intent = group.open(call, PROCESS);
        intent.attempt(sampleAttempt());
        return intent.durable();
      }),
    );
    const [count] = await database
      .dataSource()
      .query<{ n: number }[]>(
        'SELECT count(*)::int AS n FROM request JOIN attempt ON attempt.request_id = request.id WHERE request.id = ANY($1)',
        [calls.map((call) => call.callId)],
      );
    expect(count).toEqual({ n: 1_000 });
    expect(intents.statements).toBeLessThanOrEqual(5);
  });

  it('gathers what comes while a statement runs into the next one', async () => {
    const { intents, writer: group } = writer();
    const first = group.open(sampleCall(), PROCESS);
    let others: Promise<void>[] = [];
    intents.fault = async () => {
      if (others.length === 0) others = Array.from({ length: 50 }, () => group.open(sampleCall(), PROCESS).durable());
    };
    await first.durable();
    await Promise.all(others);
    expect(intents.statements).toBe(2);
  });

  it('waits for an attempt that was queued after the first commit', async () => {
    const call = sampleCall();
    const intent = writer().writer.open(call, PROCESS);
    await intent.durable();
    intent.attempt(sampleAttempt(1));
    intent.attempt(sampleAttempt(2));
    await intent.durable();
    expect((await log().find(call.callId))?.attempts).toHaveLength(2);
  });

  it('commits what a call reserves before durable() resolves', async () => {
    const call = sampleCall();
    const intent = writer().writer.open(call, PROCESS);
    intent.reserve(sampleReservation(call, { model: 'gpt\0' }));
    await intent.durable();
    const rows = await database
      .dataSource()
      .query<object[]>('SELECT pool_id, key_id, model, tokens, received_at FROM reservation WHERE call_id = $1', [
        call.callId,
      ]);
    expect(rows).toEqual([
      {
        pool_id: call.poolId,
        key_id: call.keyId,
        model: 'gpt\uFFFD',
        tokens: '1000',
        received_at: new Date(call.receivedAtMs),
      },
    ]);
  });

  it('refuses a call whose reservation Postgres cannot take', async () => {
    const call = sampleCall();
    const intent = writer().writer.open(call, PROCESS);
    intent.reserve(sampleReservation(call, { tokens: -1 }));
    await expect(intent.durable()).rejects.toMatchObject(UNRECORDED);
  });

  it('refuses only the call that Postgres cannot take', async () => {
    const { writer: group } = writer();
    const bad = group.open(sampleCall({ poolId: 'no uuid' as CallIntent['poolId'] }), PROCESS);
    const good = sampleCall();
    const intent = group.open(good, PROCESS);
    await expect(bad.durable()).rejects.toMatchObject(UNRECORDED);
    await intent.durable();
    expect(await log().find(good.callId)).toMatchObject({ status: 'in_flight' });
  });
});

describe('IntentWriter while Postgres is away', () => {
  const away = () => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' }));
  const hangs = () => new Promise(() => undefined);
  let intents: FakeIntents;
  let writer: IntentWriter;

  beforeEach(() => {
    jest.useFakeTimers();
    intents = new FakeIntents();
    writer = new IntentWriter(intents);
  });
  afterEach(() => jest.useRealTimers());

  it('keeps trying, and goes on when it is back', async () => {
    intents.fault = away;
    const durable = writer.open(sampleCall(), PROCESS).durable();
    await jest.advanceTimersByTimeAsync(4_000);
    intents.fault = () => Promise.resolve();
    await jest.advanceTimersByTimeAsync(200);
    await expect(durable).resolves.toBeUndefined();
  });

  it.each([
    ['refuses connections', away],
    ['hangs', hangs],
  ])('gives a call up after 5 s when Postgres %s, and serves the next one', async (_, fault) => {
    intents.fault = fault;
    const durable = expect(writer.open(sampleCall(), PROCESS).durable()).rejects.toMatchObject(UNRECORDED);
    await jest.advanceTimersByTimeAsync(5_000);
    await durable;
    intents.fault = () => Promise.resolve();
    const next = writer.open(sampleCall(), PROCESS).durable();
    await jest.advanceTimersByTimeAsync(200);
    await expect(next).resolves.toBeUndefined();
  });

  it('refuses further calls at once when ten thousand rows wait', async () => {
    intents.fault = hangs;
    const waiting = Array.from({ length: 10_000 }, () => writer.open(sampleCall(), PROCESS));
    await expect(writer.open(sampleCall(), PROCESS).durable()).rejects.toMatchObject(UNRECORDED);
    await jest.advanceTimersByTimeAsync(5_000);
    await expect(waiting[0]?.durable()).rejects.toMatchObject(UNRECORDED);
  });

  it('refuses a call whose attempt found the queue full', async () => {
    intents.fault = hangs;
    const intent = writer.open(sampleCall(), PROCESS);
    for (let i = 1; i < 10_000; i++) writer.open(sampleCall(), PROCESS);
    intent.attempt(sampleAttempt());
    await expect(intent.durable()).rejects.toMatchObject(UNRECORDED);
  });
});
