import { randomUUID } from 'node:crypto';
import { SAMPLE_ACCOUNT, sampleCall, sampleSettlement, unknownUsage } from '../../test/support/sample-calls.js';
import { useDatabase } from '../../test/support/database.js';
import { deltaSums, ledgerSums } from '../../test/support/usage-sums.js';
import type { KeyId } from '../core/index.js';
import type { CallIntent } from './call-intent.js';
import { settlementRecord, type SettlementRecord } from './records.js';
import { RequestLogService } from './request-log.service.js';
import { SettlementRepository } from './settlement.repository.js';
import type { Settlement } from './settlement.js';

describe('what a settlement says of costs and sums', () => {
  const database = useDatabase();
  const processId = randomUUID();
  const repository = () => new SettlementRepository(database.dataSource());
  const log = () => new RequestLogService(database.dataSource());
  const record = (settlement: Settlement): SettlementRecord => settlementRecord(settlement, processId);
  const ledgerRows = (call: CallIntent) =>
    database.dataSource().query<object[]>('SELECT * FROM ledger_entry WHERE call_id = $1', [call.callId]);

  it('keeps what the call cost, and by which prices', async () => {
    const call = sampleCall();
    await repository().write([record(sampleSettlement(call))], 'queue');
    expect(await ledgerRows(call)).toEqual([
      expect.objectContaining({
        received_at: new Date(call.receivedAtMs),
        requested_model: 'gpt-5.5',
        cost_status: 'priced',
        cost_nano_usd: '1234500',
        price_version: '2026-01-01',
        estimated_input: null,
        estimated_output: null,
      }),
    ]);
  });

  it('keeps our own count beside a usage that is unknown', async () => {
    const call = sampleCall();
    const estimate = { input: 40, output: 7 };
    const settlement = unknownUsage(sampleSettlement(call), { estimate, cost: { status: 'unpriced' } });
    await repository().write([record(settlement)], 'queue');
    expect(await ledgerRows(call)).toEqual([
      expect.objectContaining({
        usage_known: false,
        output: null,
        estimated_input: '40',
        estimated_output: '7',
        cost_status: 'unpriced',
        cost_nano_usd: null,
      }),
    ]);
  });

  it('takes records of the version before, which say nothing of costs', async () => {
    const [known, unknown] = [sampleCall(), sampleCall()];
    const older = (settlement: Settlement): SettlementRecord => {
      const { cost_status: _status, cost_nano_usd: _cost, price_version: _version, ...rest } = record(settlement);
      return rest;
    };
    const records = [older(sampleSettlement(known)), older(unknownUsage(sampleSettlement(unknown), {}))];
    expect(await repository().write(records, 'queue')).toEqual([]);
    expect(await ledgerRows(known)).toEqual([expect.objectContaining({ cost_status: 'unpriced' })]);
    expect(await ledgerRows(unknown)).toEqual([expect.objectContaining({ cost_status: 'unknown' })]);
  });

  it('adds a call to the sums of the hour in which it came', async () => {
    const keyId = randomUUID() as KeyId;
    const calls = [sampleCall({ keyId }), sampleCall({ keyId })];
    await repository().write(
      calls.map((call) => record(sampleSettlement(call))),
      'queue',
    );
    const deltas = await database.dataSource().query<object[]>('SELECT * FROM usage_delta WHERE key_id = $1', [keyId]);
    expect(deltas).toEqual([
      expect.objectContaining({
        hour: new Date(Date.UTC(2026, 0, 2, 3)),
        account_id: SAMPLE_ACCOUNT,
        model: 'gpt-5.5',
        calls: '2',
        succeeded: '2',
        rejected: '0',
        unknown_usage: '0',
        input_uncached: '140',
        output: '60',
        cost_nano_usd: '2469000',
        metered_nano_usd: '0',
      }),
    ]);
    expect(await deltaSums(database.dataSource(), keyId)).toEqual(await ledgerSums(database.dataSource(), keyId));
  });

  it('counts a call that was refused as rejected, and nothing of it as unknown', async () => {
    const call = sampleCall({ keyId: randomUUID() as KeyId });
    const error = { code: 'api_key_policy_limit_exceeded', blame: 'client' };
    const rejection: Settlement = {
      ...call,
      outcome: 'rejected',
      httpStatus: 429,
      error,
      cost: { status: 'none' },
      attempts: [],
      completedAtMs: call.receivedAtMs + 1,
    };
    await repository().write([record(rejection)], 'direct');
    expect(await log().find(call.callId)).toMatchObject({
      status: 'rejected',
      httpStatus: 429,
      errorCode: error.code,
      blame: 'client',
      attempts: [],
      ledger: { outcome: 'rejected' },
    });
    expect(Object.values(await deltaSums(database.dataSource(), call.keyId))).toEqual([
      expect.objectContaining({ calls: 1, rejected: 1, failed: 0, unknown_usage: 0, unpriced: 0 }),
    ]);
  });
});
