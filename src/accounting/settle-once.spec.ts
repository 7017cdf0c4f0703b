import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import * as fc from 'fast-check';
import { SAMPLE_USAGE, sampleAttempt, sampleCall, sampleSettlement } from '../../test/support/sample-calls.js';
import { useDatabase } from '../../test/support/database.js';
import { IntentRepository } from './intent.repository.js';
import { attemptStartRecord, requestRecord, settlementRecord } from './records.js';
import { RequestLogService } from './request-log.service.js';
import { SettlementRepository } from './settlement.repository.js';
import { SweepService } from './sweep.service.js';

type Step = 'intent' | 'queue' | 'direct' | 'sweep';

/** The process has no row and the call is old: every sweep takes it for lost. */
const PROCESS = randomUUID();

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('a call', () => {
  const database = useDatabase();

  it('ends with one ledger row and a terminal request, whatever comes first, twice, or at the same time', async () => {
    const source = database.dataSource();
    const settlements = new SettlementRepository(source);

    async function ends(rounds: readonly (readonly Step[])[]): Promise<void> {
      const call = sampleCall();
      const record = settlementRecord(sampleSettlement(call), PROCESS);
      const run: Record<Step, () => Promise<unknown>> = {
        intent: () =>
          new IntentRepository(source).write([
            { request: requestRecord(call, PROCESS) },
            { attempt: attemptStartRecord(call.callId, sampleAttempt()) },
          ]),
        queue: () => settlements.write([record], 'queue'),
        direct: () => settlements.write([record], 'direct'),
        sweep: () => new SweepService(source).sweep(),
      };
      for (const together of rounds) await Promise.all(together.map((step) => run[step]()));
      const steps = rounds.flat();
      const told = steps.includes('queue') || steps.includes('direct');
      await run.intent();
      await run.sweep();
      const rows = await source.query<object[]>('SELECT FROM ledger_entry WHERE call_id = $1', [call.callId]);
      const logged = await new RequestLogService(source).find(call.callId);
      expect(rows).toHaveLength(1);
      expect(logged).toMatchObject(
        told
          ? { status: 'succeeded', attempts: [{ status: 'succeeded' }], ledger: { usage: SAMPLE_USAGE } }
          : { status: 'failed', attempts: [{ status: 'failed' }], ledger: { settledBy: 'sweeper' } },
      );
    }

    const step = fc.constantFrom<Step>('intent', 'queue', 'direct', 'sweep');
    const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 4 });
    await fc.assert(fc.asyncProperty(rounds, ends), { numRuns: 100 });
  }, 60_000);
});
