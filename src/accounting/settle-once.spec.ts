import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import * as fc from 'fast-check';
import {
  sampleAttempt,
  sampleCall,
  sampleReservation,
  sampleSettlement,
  unknownUsage,
} from '../../test/support/sample-calls.js';
import { useDatabase } from '../../test/support/database.js';
import { deltaSums, ledgerSums } from '../../test/support/usage-sums.js';
import type { KeyId } from '../core/index.js';
import { IntentRepository } from './intent.repository.js';
import { attemptStartRecord, requestRecord, settlementRecord } from './records.js';
import type { Settlement } from './settlement.js';
import { SettlementRepository } from './settlement.repository.js';
import { SweepService } from './sweep.service.js';

/** The process has no row and the calls are old: every sweep takes them for lost. */
const PROCESS = randomUUID();
const CALLS = 3;

const STEPS = ['intent', 'reserve', 'keep', 'settle', 'job', 'records', 'reject', 'sweep'] as const;
type Step = (typeof STEPS)[number];
/** Steps that say how a call ended. */
const TELLING: readonly Step[] = ['keep', 'settle', 'job', 'records', 'reject'];

const ENDS: Record<string, (settlement: Settlement) => Settlement> = {
  served: (settlement) => settlement,
  metered: (settlement) => ({
    ...settlement,
    attempts: settlement.attempts.map((attempt) => ({ ...attempt, metered: true })),
  }),
  brokenOff: (settlement) =>
    unknownUsage(settlement, {
      outcome: 'cancelled',
      estimate: { input: 40, output: 7 },
      cost: { status: 'estimated', nanoUsd: 90_000, priceVersion: '2026-01-01' },
    }),
  unanswered: (settlement) => unknownUsage(settlement, { outcome: 'failed', cost: { status: 'unknown' } }),
};

interface Scenario {
  readonly ends: readonly string[];
  readonly models: readonly string[];
  readonly rounds: readonly (readonly (readonly [Step, number])[])[];
}

const call = fc.nat({ max: CALLS - 1 });
const each = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: CALLS, maxLength: CALLS });
const round = fc.array(fc.tuple(fc.constantFrom(...STEPS), call), { minLength: 1, maxLength: 6 });
const scenarios: fc.Arbitrary<Scenario> = fc.record({
  ends: each(fc.constantFrom(...Object.keys(ENDS))),
  models: each(fc.constantFrom('gpt-5.5', 'gpt-5.5-mini', '')),
  rounds: fc.array(round, { maxLength: 4 }),
});

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('calls', () => {
  const database = useDatabase();

  it('have one ledger row each, and are in the sums once, whatever comes first, twice, or at the same time', async () => {
    const source = database.dataSource();
    const intents = new IntentRepository(source);
    const settlements = new SettlementRepository(source);
    const sweep = () => new SweepService(source, settlements).sweep();

    async function end({ ends, models, rounds }: Scenario): Promise<void> {
      const keyId = randomUUID() as KeyId;
      const made = models.map((model) => sampleCall({ model, keyId }));
      const ids = made.map(({ callId }) => callId);
      const steps = made.map((one, n): Record<Step, () => Promise<unknown>> => {
        const settlement = ENDS[ends[n] ?? '']?.(sampleSettlement(one)) ?? sampleSettlement(one);
        const records = [settlementRecord(settlement, PROCESS)];
        const rejection = unknownUsage(sampleSettlement(one), {
          outcome: 'rejected',
          cost: { status: 'none' },
          attempts: [],
        });
        const settle = (by: 'queue' | 'direct') => settlements.settle(ids, by);
        return {
          intent: () =>
            intents.write([
              { request: requestRecord(one, PROCESS) },
              { attempt: attemptStartRecord(one.callId, sampleAttempt()) },
            ]),
          reserve: () =>
            intents.write([
              { request: requestRecord(one, PROCESS) },
              { reservation: sampleReservation(one, { process_id: PROCESS }) },
            ]),
          keep: () => settlements.keep(records),
          settle: () => settlements.keep(records).then(() => settle('direct')),
          job: () => settlements.keep(records).then(() => settle('queue')),
          records: () => settlements.write(records, 'queue'),
          reject: () => settlements.keep([settlementRecord(rejection, PROCESS)]).then(() => settle('direct')),
          sweep,
        };
      });

      for (const together of rounds)
        await Promise.all(together.map(([step, n]) => steps[n]?.[step]() ?? Promise.resolve()));
      await Promise.all(steps.map((step) => step.intent()));
      await settlements.settle(ids, 'queue');
      await sweep();

      const rows = await source.query<{ call_id: string; settled_by: string }[]>(
        'SELECT call_id, settled_by FROM ledger_entry WHERE key_id = $1 ORDER BY call_id',
        [keyId],
      );
      expect(rows.map((row) => row.call_id)).toEqual([...ids].sort());
      const told = made.map((_, n) => rounds.flat().some(([step, of]) => of === n && TELLING.includes(step)));
      const guessed = ids.map((id) => rows.find((row) => row.call_id === id)?.settled_by === 'sweeper');
      expect(guessed).toEqual(told.map((known) => !known));
      expect(await deltaSums(source, keyId)).toEqual(await ledgerSums(source, keyId));
      expect(await source.query('SELECT FROM request WHERE key_id = $1 AND status = $2', [keyId, 'in_flight'])).toEqual(
        [],
      );
    }

    await fc.assert(fc.asyncProperty(scenarios, end), { numRuns: 80 });
    await source.query("UPDATE reservation SET reserved_at = reserved_at - interval '1 minute'");
    await sweep();
    expect(await source.query('SELECT call_id FROM reservation')).toEqual([]);
    expect(await source.query('SELECT call_id FROM settlement_outbox')).toEqual([]);
  }, 120_000);
});
