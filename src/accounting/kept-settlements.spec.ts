import { randomUUID } from 'node:crypto';
import { SAMPLE_USAGE, sampleCall, sampleReservation, sampleSettlement } from '../../test/support/sample-calls.js';
import { useDatabase } from '../../test/support/database.js';
import type { CallIntent } from './call-intent.js';
import { IntentRepository } from './intent.repository.js';
import { requestRecord, settlementRecord, type SettlementRecord } from './records.js';
import { RequestLogService } from './request-log.service.js';
import { SettlementRepository } from './settlement.repository.js';
import type { Settlement } from './settlement.js';

describe('settlements in the outbox', () => {
  const database = useDatabase();
  const processId = randomUUID();
  const repository = () => new SettlementRepository(database.dataSource());
  const log = () => new RequestLogService(database.dataSource());
  const record = (settlement: Settlement): SettlementRecord => settlementRecord(settlement, processId);
  const ledgerRows = (call: CallIntent) =>
    database.dataSource().query<object[]>('SELECT * FROM ledger_entry WHERE call_id = $1', [call.callId]);
  const waiting = (call: CallIntent) =>
    database.dataSource().query<object[]>('SELECT refused_at FROM settlement_outbox WHERE call_id = $1', [call.callId]);

  it('settles kept calls by their ids, once, and empties the outbox with it', async () => {
    const [kept, unknown] = [sampleCall(), sampleCall()];
    await repository().keep([record(sampleSettlement(kept))]);
    expect(await waiting(kept)).toEqual([{ refused_at: null }]);
    const ids = [kept.callId, unknown.callId, kept.callId];
    expect(await repository().settle(ids, 'queue')).toEqual([]);
    expect(await repository().settle(ids, 'direct')).toEqual([]);
    expect(await waiting(kept)).toEqual([]);
    expect(await log().find(kept.callId)).toMatchObject({ status: 'succeeded', ledger: { settledBy: 'queue' } });
    expect(await ledgerRows(unknown)).toEqual([]);
  });

  it('settles each call once when many settle the same ids at the same time', async () => {
    const calls = Array.from({ length: 30 }, () => sampleCall());
    await repository().keep(calls.map((call) => record(sampleSettlement(call))));
    const ids = calls.map(({ callId }) => callId);
    const writers = Array.from({ length: 6 }, (_, i) => (i % 2 ? [...ids].reverse() : ids));
    await Promise.all(writers.map((some) => repository().settle(some, 'queue')));
    const rows = await database.dataSource().query<object[]>('SELECT FROM ledger_entry WHERE call_id = ANY($1)', [ids]);
    expect(rows).toHaveLength(30);
  });

  it('has a record twice, and a call settled twice, without harm', async () => {
    const call = sampleCall();
    await repository().keep([record(sampleSettlement(call))]);
    await repository().keep([record(sampleSettlement(call))]);
    await repository().settle([call.callId], 'queue');
    await repository().keep([record(sampleSettlement(call))]);
    await repository().settle([call.callId], 'direct');
    expect(await ledgerRows(call)).toEqual([expect.objectContaining({ settled_by: 'queue' })]);
    expect(await waiting(call)).toEqual([]);
  });

  it('leaves a record in it that Postgres cannot take, marked, and settles the others', async () => {
    const [good, bad] = [sampleCall(), sampleCall()];
    const broken = record(sampleSettlement(bad, { usage: { ...SAMPLE_USAGE, output: -1 } }));
    await repository().keep([broken, record(sampleSettlement(good))]);
    expect(await repository().settle([good.callId, bad.callId], 'queue')).toEqual([bad.callId]);
    expect(await ledgerRows(good)).toHaveLength(1);
    expect(await waiting(bad)).toEqual([{ refused_at: expect.any(Date) }]);
    expect(await repository().settle([bad.callId], 'queue')).toEqual([]);
    expect(await repository().overdue(-1, 10)).toEqual([]);
  });

  it('gives the calls back whose settlement failed for another reason', async () => {
    const call = sampleCall();
    await repository().keep([record(sampleSettlement(call))]);
    await database.dataSource().query('ALTER TABLE reservation RENAME TO reservation_away');
    await expect(repository().settle([call.callId], 'queue')).rejects.toThrow('reservation');
    await database.dataSource().query('ALTER TABLE reservation_away RENAME TO reservation');
    expect(await ledgerRows(call)).toEqual([]);
    expect(await repository().settle([call.callId], 'queue')).toEqual([]);
    expect(await ledgerRows(call)).toHaveLength(1);
  });

  it('ends the reservation of a call with its settlement, and takes none after it', async () => {
    const call = sampleCall();
    const intents = new IntentRepository(database.dataSource());
    const held = () =>
      database
        .dataSource()
        .query<object[]>('SELECT tokens, nano_usd, model FROM reservation WHERE call_id = $1', [call.callId]);
    await intents.write([
      { request: requestRecord(call, processId) },
      { reservation: sampleReservation(call) },
      { reservation: sampleReservation(call, { tokens: 5 }) },
    ]);
    expect(await held()).toEqual([{ tokens: '1000', nano_usd: '2000000', model: 'gpt-5.5' }]);
    await repository().write([record(sampleSettlement(call))], 'queue');
    expect(await held()).toEqual([]);
    await intents.write([{ reservation: sampleReservation(call) }]);
    expect(await held()).toEqual([]);
  });
});
