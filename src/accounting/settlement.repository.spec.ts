import { randomUUID } from 'node:crypto';
import {
  SAMPLE_ACCOUNT,
  SAMPLE_USAGE,
  sampleAttempt,
  sampleCall,
  sampleSettlement,
} from '../../test/support/sample-calls.js';
import { useDatabase } from '../../test/support/database.js';
import { aDecision, anExclusion } from '../../test/support/sample-decisions.js';
import type { CallIntent } from './call-intent.js';
import { decisionRecord } from './decision-record.js';
import { IntentRepository } from './intent.repository.js';
import { attemptStartRecord, requestRecord, settlementRecord, type SettlementRecord } from './records.js';
import { RequestLogService } from './request-log.service.js';
import { SettlementRepository } from './settlement.repository.js';
import type { Settlement } from './settlement.js';

describe('SettlementRepository', () => {
  const database = useDatabase();
  const processId = randomUUID();
  const repository = () => new SettlementRepository(database.dataSource());
  const log = () => new RequestLogService(database.dataSource());
  const record = (settlement: Settlement): SettlementRecord => settlementRecord(settlement, processId);

  const intend = (call: CallIntent) =>
    new IntentRepository(database.dataSource()).write([
      { request: requestRecord(call, processId) },
      { attempt: attemptStartRecord(call.callId, sampleAttempt()) },
    ]);
  const ledgerRows = (call: CallIntent) =>
    database.dataSource().query<object[]>('SELECT * FROM ledger_entry WHERE call_id = $1', [call.callId]);

  it('closes ledger, request and attempts of a call together', async () => {
    const call = sampleCall({ sessionDigest: Buffer.alloc(32, 7), traceId: 'a'.repeat(32) });
    await intend(call);
    await repository().write([record(sampleSettlement(call, { serviceTier: 'priority' }))], 'queue');
    expect(await log().find(call.callId)).toMatchObject({
      status: 'succeeded',
      httpStatus: 200,
      traceId: 'a'.repeat(32),
      completedAt: new Date(call.receivedAtMs + 2_000),
      attempts: [{ number: 1, accountId: SAMPLE_ACCOUNT, status: 'succeeded', upstreamStatus: 200 }],
      ledger: {
        outcome: 'succeeded',
        usage: SAMPLE_USAGE,
        model: 'gpt-5.5-2026-01-01',
        serviceTier: 'priority',
        accountId: SAMPLE_ACCOUNT,
        settledBy: 'queue',
        occurredAt: new Date(call.receivedAtMs + 2_000),
      },
    });
  });

  it('writes a call whole whose intent never became durable', async () => {
    const call = sampleCall();
    await repository().write([record(sampleSettlement(call))], 'direct');
    expect(await log().find(call.callId)).toMatchObject({
      status: 'succeeded',
      keyLabel: 'ci',
      model: 'gpt-5.5',
      attempts: [{ status: 'succeeded' }],
      ledger: { settledBy: 'direct' },
    });
  });

  it('leaves a settled call alone when its late intent or another settlement comes', async () => {
    const call = sampleCall();
    await repository().write([record(sampleSettlement(call, { attempts: [] }))], 'queue');
    const before = await log().find(call.callId);
    await intend(call);
    await repository().write([record(sampleSettlement(call, { outcome: 'failed' }))], 'direct');
    expect(await log().find(call.callId)).toEqual(before);
  });

  it('keeps unknown usage NULL and never turns it into 0', async () => {
    const call = sampleCall();
    const { usage: _unknown, ...settlement } = sampleSettlement(call, { outcome: 'cancelled' });
    await repository().write([record(settlement)], 'queue');
    expect(await ledgerRows(call)).toEqual([
      expect.objectContaining({
        usage_known: false,
        input_uncached: null,
        input_cached: null,
        cache_write: null,
        output: null,
        reasoning: null,
      }),
    ]);
    expect((await log().find(call.callId))?.ledger).not.toHaveProperty('usage');
  });

  it('keeps a usage of zero as zero', async () => {
    const call = sampleCall();
    const zero = { inputUncached: 0, inputCached: 0, cacheWrite: 0, output: 0, reasoning: 0 };
    await repository().write([record(sampleSettlement(call, { usage: zero }))], 'queue');
    expect((await log().find(call.callId))?.ledger?.usage).toEqual(zero);
  });

  it('stores why accounts were passed over', async () => {
    const call = sampleCall();
    const error = { code: 'no_eligible_backend', blame: 'pool' };
    const decision = aDecision({ exclusions: [anExclusion('alice', { clearsAtMs: call.receivedAtMs + 5_000 })] });
    const refused = sampleSettlement(call, { outcome: 'failed', httpStatus: 503, error, attempts: [], decision });
    await repository().write([record(refused)], 'queue');
    expect(await log().find(call.callId)).toMatchObject({
      errorCode: 'no_eligible_backend',
      blame: 'pool',
      exclusions: [{ label: 'alice', reason: 'cooling_down' }],
      decision: decisionRecord(decision),
      attempts: [],
    });
  });

  it('shows why accounts were passed over in calls that an older version settled', async () => {
    const call = sampleCall();
    await repository().write([record(sampleSettlement(call))], 'queue');
    const exclusions = [{ account: SAMPLE_ACCOUNT, label: 'alice', reason: 'paused' }];
    const sql = 'UPDATE request SET exclusions = $2 WHERE id = $1';
    await database.dataSource().query(sql, [call.callId, JSON.stringify(exclusions)]);
    const found = await log().find(call.callId);
    expect(found).toMatchObject({ exclusions });
    expect(found).not.toHaveProperty('decision');
  });

  it('settles once when the same batch is written many times at once, in any order', async () => {
    const calls = Array.from({ length: 40 }, () => sampleCall());
    await Promise.all(calls.slice(0, 20).map(intend));
    const batch = calls.map((call) => record(sampleSettlement(call)));
    const writers = Array.from({ length: 6 }, (_, i) => (i % 2 ? [...batch].reverse() : batch));
    await Promise.all(writers.map((records, i) => repository().write(records, i < 3 ? 'queue' : 'direct')));
    for (const call of calls) expect(await ledgerRows(call)).toHaveLength(1);
  });

  it('takes a call that is twice in one batch once', async () => {
    const call = sampleCall();
    const twice = [record(sampleSettlement(call)), record(sampleSettlement(call))];
    expect(await repository().write(twice, 'queue')).toEqual([]);
    expect(await ledgerRows(call)).toHaveLength(1);
  });

  it('refuses a record that Postgres cannot take and writes the others of its batch', async () => {
    const [good, bad] = [sampleCall(), sampleCall()];
    const broken = record(sampleSettlement(bad, { usage: { ...SAMPLE_USAGE, output: -1 } }));
    expect(await repository().write([broken, record(sampleSettlement(good))], 'queue')).toEqual([broken]);
    expect(await ledgerRows(good)).toHaveLength(1);
    expect(await ledgerRows(bad)).toEqual([]);
  });

  it('takes whatever a client may name a model or a request', async () => {
    const call = sampleCall({ model: 'gpt\0-\uD83D', requestId: '"; DROP TABLE request; --' });
    expect(await repository().write([record(sampleSettlement(call))], 'queue')).toEqual([]);
    expect(await log().find(call.callId)).toMatchObject({ model: 'gpt\uFFFD-\uFFFD', requestId: call.requestId });
  });

  it('counts large numbers of tokens exactly', async () => {
    const call = sampleCall();
    const usage = { ...SAMPLE_USAGE, inputCached: Number.MAX_SAFE_INTEGER };
    await repository().write([record(sampleSettlement(call, { usage }))], 'queue');
    expect((await log().find(call.callId))?.ledger?.usage).toEqual(usage);
  });
});
