import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { useSweepWorld } from '../../test/support/sweep-world.js';
import { SAMPLE_ACCOUNT, SAMPLE_USAGE, sampleCall, sampleSettlement } from '../../test/support/sample-calls.js';
import { deltaSums, ledgerSums } from '../../test/support/usage-sums.js';
import type { CallIntent } from './call-intent.js';
import { settlementRecord, type SettlementRecord } from './records.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('a settlement that Postgres refuses', () => {
  const world = useSweepWorld();
  const { sql, settlements, sweep, find } = world;
  const processId = randomUUID();
  const recordOf = (call: CallIntent, broken: Partial<Record<keyof SettlementRecord, unknown>>): SettlementRecord =>
    ({ ...settlementRecord(sampleSettlement(call), processId), ...broken }) as SettlementRecord;

  /** A call of a process that lives. */
  const inFlight = () => world.inFlight(processId, undefined, { reserved: true });

  async function refused(record: SettlementRecord): Promise<void> {
    await settlements().keep([record]);
    expect(await settlements().settle([record.id], 'queue')).toEqual([record.id]);
  }

  const nothingLeft = async () => {
    expect(await sql('SELECT FROM settlement_outbox')).toEqual([]);
    expect(await sql('SELECT FROM reservation')).toEqual([]);
    expect(await sql("SELECT FROM attempt WHERE status = 'in_flight'")).toEqual([]);
  };

  it.each([
    ['a count below zero', { output: -1 }],
    ['more than there are numbers', { output: 1e30 }],
    ['half a token', { input_cached: 0.5 }],
  ])('for %s still ends its call, with unknown usage', async (_, broken) => {
    const call = await inFlight();
    await refused(recordOf(call, broken));
    expect(await sweep()).toMatchObject({ bare: 1, lost: 0 });
    expect(await find(call)).toMatchObject({
      status: 'succeeded',
      httpStatus: 200,
      errorCode: 'settlement_refused',
      attempts: [{ status: 'failed', errorCode: 'settlement_refused' }],
      ledger: { outcome: 'succeeded', settledBy: 'sweeper', accountId: SAMPLE_ACCOUNT },
    });
    expect(await sql('SELECT usage_known, output, cost_status, cost_nano_usd FROM ledger_entry')).toEqual([
      { usage_known: false, output: null, cost_status: 'unknown', cost_nano_usd: null },
    ]);
    await nothingLeft();
  });

  it.each([
    ['cost', { cost_nano_usd: -5, cost_status: 'a gift' }],
    ['status', { http_status: 1e12 }],
    ['attempts', { attempts: [{ number: 'first' }] }],
    ['estimate', { estimated_input: -1, estimated_output: 1 }],
  ])('for its %s still ends its call, with the usage that was reported', async (_, broken) => {
    const call = await inFlight();
    await refused(recordOf(call, broken));
    expect(await sweep()).toMatchObject({ bare: 1 });
    expect(await find(call)).toMatchObject({ status: 'succeeded', ledger: { usage: SAMPLE_USAGE } });
    await nothingLeft();
  });

  it('for an outcome that there is not, is a failure', async () => {
    const call = await inFlight();
    await refused(recordOf(call, { status: 'splendid', completed_at: 'soon' }));
    await sweep();
    expect(await find(call)).toMatchObject({ status: 'failed', completedAt: expect.any(Date) });
  });

  it('for whose it was, ends the call by what its intent said', async () => {
    const call = await inFlight();
    await refused(recordOf(call, { pool_id: 'nobody’s' }));
    expect(await sweep()).toMatchObject({ bare: 1 });
    expect(await find(call)).toMatchObject({ status: 'failed', errorCode: 'settlement_refused' });
    await nothingLeft();
  });

  it('and has no intent, has its row all the same, once, and is in the sums', async () => {
    const call = sampleCall();
    await refused(recordOf(call, { reasoning: -7 }));
    expect(await Promise.all([sweep(), sweep()])).toContainEqual(expect.objectContaining({ bare: 1 }));
    expect(await sweep()).toMatchObject({ bare: 0 });
    expect(await sql('SELECT count(*)::int AS rows FROM ledger_entry')).toEqual([{ rows: 1 }]);
    const sums = await deltaSums(world.source(), call.keyId);
    expect(Object.values(sums)).toEqual([expect.objectContaining({ calls: 1, succeeded: 1, unknown_usage: 1 })]);
    expect(sums).toEqual(await ledgerSums(world.source(), call.keyId));
    await nothingLeft();
  });

  it('comes to the same when a gateway of the version before hands it over', async () => {
    const call = await inFlight();
    const record = recordOf(call, { output: -1 });
    expect(await settlements().write([record], 'queue')).toEqual([record]);
    expect(await sweep()).toMatchObject({ bare: 1 });
    expect(await find(call)).toMatchObject({ status: 'succeeded', errorCode: 'settlement_refused' });
  });
});
