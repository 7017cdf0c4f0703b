import { randomUUID } from 'node:crypto';
import { Logger, Module, type DynamicModule, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { useDatabase } from '../../test/support/database.js';
import { eventually } from '../../test/support/eventually.js';
import { useRedis } from '../../test/support/redis.js';
import { SAMPLE_USAGE, sampleAttempt, sampleCall, sampleSettlement } from '../../test/support/sample-calls.js';
import { ConfigModule, loadConfig } from '../platform/config/index.js';
import { DatabaseModule } from '../platform/database/index.js';
import { JobProducer, prepareQueues, QUEUES, QueueModule } from '../platform/queue/index.js';
import { SharedStateModule } from '../platform/shared-state/index.js';
import { AccountingModule } from './accounting.module.js';
import { AccountingWorkerModule } from './accounting-worker.module.js';
import type { CallIntent } from './call-intent.js';
import { LedgerService } from './ledger.service.js';
import { settlementRecord } from './records.js';
import { RequestLogService } from './request-log.service.js';
import { SettlementRepository } from './settlement.repository.js';
import { SweepService } from './sweep.service.js';
import { SettlementOutbox } from './settlement-outbox.service.js';

@Module({})
class TestApp {}

describe.each(['Redis', 'Postgres'])('accounting with its queues in %s', (store) => {
  const database = useDatabase();
  const redis = useRedis();
  const apps: INestApplicationContext[] = [];

  async function start(...parts: Type[]): Promise<INestApplicationContext> {
    const config = loadConfig({ DRAIN_MS: '1000', ...(store === 'Redis' ? { REDIS_URL: redis.url() } : {}) });
    await prepareQueues(config, database.url());
    const root: DynamicModule = {
      module: TestApp,
      imports: [
        ConfigModule.forRoot(config),
        DatabaseModule.forRoot(database.url(), { poolSize: 5 }),
        QueueModule.forRoot(config, database.url()),
        SharedStateModule.forRoot(config),
        ...parts,
      ],
    };
    const app = await NestFactory.createApplicationContext(root, { abortOnError: false });
    apps.push(app);
    return app;
  }

  const close = async (app: INestApplicationContext) => {
    apps.splice(apps.indexOf(app), 1);
    await app.close();
  };
  const sql = (text: string, parameters: unknown[] = []) => database.dataSource().query<object[]>(text, parameters);
  const find = (call: CallIntent) => new RequestLogService(database.dataSource()).find(call.callId);
  const settled = (call: CallIntent) =>
    eventually(async () => {
      const logged = await find(call);
      if (logged?.ledger === undefined) throw new Error('not settled yet');
      return logged;
    });

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  afterEach(async () => {
    while (apps[0]) await close(apps[0]);
  });

  it('has the worker sweep by itself', async () => {
    const dead = randomUUID();
    await sql(
      `INSERT INTO gateway_process (id, role, host, started_at, heartbeat_at, suspected_at)
       VALUES ($1, 'gateway', 'test', now(), now() - interval '1 minute', now() - interval '30 s')`,
      [dead],
    );
    const gateway = await start(AccountingModule);
    const call = sampleCall();
    await gateway.get(LedgerService).intend(call).durable();
    await sql('UPDATE request SET process_id = $1 WHERE id = $2', [dead, call.callId]);
    await start(AccountingWorkerModule);
    expect(await settled(call)).toMatchObject({ errorCode: 'process_lost', ledger: { settledBy: 'sweeper' } });
  });

  it('carries a call from its intent through the queue into the ledger', async () => {
    const ledger = (await start(AccountingModule, AccountingWorkerModule)).get(LedgerService);
    const call = sampleCall();
    const intent = ledger.intend(call);
    intent.attempt(sampleAttempt());
    await intent.durable();
    expect(await find(call)).toMatchObject({ status: 'in_flight', attempts: [{ status: 'in_flight' }] });
    ledger.settle(sampleSettlement(call));
    expect(await settled(call)).toMatchObject({
      status: 'succeeded',
      ledger: { settledBy: 'queue', usage: SAMPLE_USAGE },
    });
  });

  it.each([
    ['by ids', true],
    ['with records, as the version before makes them', false],
  ])('settles once however often a job %s is delivered, to however many workers', async (_, byIds) => {
    const [one] = [await start(AccountingWorkerModule), await start(AccountingWorkerModule)];
    const calls = Array.from({ length: 20 }, () => sampleCall());
    const records = calls.map((call) => settlementRecord(sampleSettlement(call), randomUUID()));
    if (byIds) await one.get(SettlementRepository, { strict: false }).keep(records);
    const job = byIds ? { callIds: calls.map(({ callId }) => callId) } : { records };
    const producer = one.get(JobProducer, { strict: false });
    await Promise.all(Array.from({ length: 10 }, () => producer.add(QUEUES.settlement, 'settle', job)));
    await Promise.all(calls.map(settled));
    const ids = calls.map((call) => call.callId);
    expect(await sql('SELECT count(*)::int AS n FROM ledger_entry WHERE call_id = ANY($1)', [ids])).toEqual([
      { n: 20 },
    ]);
  });

  it('writes everything before the process ends, and signs off', async () => {
    const app = await start(AccountingModule);
    expect(await sql('SELECT role FROM gateway_process')).toEqual([{ role: 'gateway' }]);
    const ledger = app.get(LedgerService);
    const call = sampleCall();
    await ledger.intend(call).durable();
    ledger.settle(sampleSettlement(call));
    await close(app);
    expect(await find(call)).toMatchObject({ status: 'succeeded', ledger: { settledBy: 'direct' } });
    expect(await sql('SELECT role FROM gateway_process')).toEqual([]);
  });

  it('hands nothing but ids to the queue', async () => {
    const app = await start(AccountingModule);
    const handOver = jest.spyOn(app.get(JobProducer, { strict: false }), 'add');
    const call = sampleCall();
    app.get(LedgerService).settle(sampleSettlement(call));
    await eventually(() => expect(handOver).toHaveBeenCalledTimes(1));
    expect(handOver.mock.calls[0]?.slice(0, 3)).toEqual(['settlement', 'settle', { callIds: [call.callId] }]);
  });

  it('writes a call that is refused, with an intent and without one', async () => {
    const ledger = (await start(AccountingModule, AccountingWorkerModule)).get(LedgerService);
    const [asked, unasked] = [sampleCall(), sampleCall()];
    await ledger.intend(asked).durable();
    const error = { code: 'api_key_policy_limit_exceeded', blame: 'client', status: 429 };
    for (const call of [asked, unasked]) {
      ledger.reject(call, error, call.receivedAtMs + 5);
      expect(await settled(call)).toMatchObject({
        status: 'rejected',
        httpStatus: 429,
        errorCode: error.code,
        blame: 'client',
        completedAt: new Date(call.receivedAtMs + 5),
        ledger: { outcome: 'rejected', settledBy: 'queue' },
      });
    }
  });

  it('has the worker settle what a gateway kept before it died', async () => {
    const call = sampleCall();
    await new SettlementRepository(database.dataSource()).keep([
      settlementRecord(sampleSettlement(call), randomUUID()),
    ]);
    await sql("UPDATE settlement_outbox SET written_at = now() - interval '11 s'");
    const worker = await start(AccountingWorkerModule);
    await worker.get(SweepService, { strict: false }).sweep();
    expect(await settled(call)).toMatchObject({ status: 'succeeded', ledger: { settledBy: 'queue' } });
  });

  if (store === 'Postgres') return;

  it('settles straight to Postgres while Redis is away', async () => {
    const ledger = (await start(AccountingModule)).get(LedgerService);
    await redis.stop();
    const call = sampleCall();
    ledger.settle(sampleSettlement(call));
    expect(await settled(call)).toMatchObject({ ledger: { settledBy: 'direct' } });
    await redis.start();
  });

  it('settles straight to Postgres while Redis does not answer', async () => {
    const ledger = (await start(AccountingModule)).get(LedgerService);
    redis.pause();
    const call = sampleCall();
    ledger.settle(sampleSettlement(call));
    expect(await settled(call)).toMatchObject({ ledger: { settledBy: 'direct' } });
    redis.resume();
  });

  it('loses nothing when Redis loses the jobs that it took', async () => {
    const app = await start(AccountingModule);
    const handOver = jest.spyOn(app.get(JobProducer, { strict: false }), 'add');
    const call = sampleCall();
    app.get(LedgerService).settle(sampleSettlement(call));
    await eventually(() => expect(handOver).toHaveBeenCalledTimes(1));
    expect(await handOver.mock.results[0]?.value).toBe(true);
    await redis.flush();
    await app.get(SettlementOutbox, { strict: false }).confirm(Date.now() + 10_000);
    expect(await settled(call)).toMatchObject({
      status: 'succeeded',
      ledger: { settledBy: 'direct', usage: SAMPLE_USAGE },
    });
  });
});
