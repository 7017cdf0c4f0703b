import { randomUUID } from 'node:crypto';
import type { CallIntent } from '../../src/accounting/call-intent.js';
import { IntentRepository } from '../../src/accounting/intent.repository.js';
import { ProcessRegistry } from '../../src/accounting/process-registry.service.js';
import { attemptStartRecord, requestRecord } from '../../src/accounting/records.js';
import { RequestLogService } from '../../src/accounting/request-log.service.js';
import { SettlementRepository } from '../../src/accounting/settlement.repository.js';
import { SweepService } from '../../src/accounting/sweep.service.js';
import { useDatabase } from './database.js';
import { sampleAttempt, sampleCall, sampleReservation } from './sample-calls.js';

/** Calls as processes leave them, and the sweeper that finds them. Empty before each test. Call it inside a `describe`. */
export function useSweepWorld() {
  const database = useDatabase();
  const source = () => database.dataSource();
  const sql = (text: string, parameters: unknown[] = []) => source().query<object[]>(text, parameters);
  const settlements = () => new SettlementRepository(source());
  const sweep = () => new SweepService(source(), settlements()).sweep();

  afterEach(() =>
    sql('TRUNCATE gateway_process, request, attempt, ledger_entry, usage_delta, settlement_outbox, reservation'),
  );

  return {
    source,
    sql,
    settlements,
    sweep,
    sweepLost: async () => (await sweep()).lost,
    registry: () => new ProcessRegistry(source(), 'gateway'),
    find: (call: CallIntent) => new RequestLogService(source()).find(call.callId),

    /** A process as it was left: both times in milliseconds before now, by the database's clock. */
    async processRow(silentMs: number, suspectedMs?: number): Promise<string> {
      const id = randomUUID();
      await sql(
        `INSERT INTO gateway_process (id, role, host, started_at, heartbeat_at, suspected_at)
         VALUES ($1, 'gateway', 'test', now(), now() - $2 * interval '1 ms', now() - $3 * interval '1 ms')`,
        [id, silentMs, suspectedMs ?? null],
      );
      return id;
    },

    async inFlight(
      processId: string,
      call = sampleCall({ receivedAtMs: Date.now() }),
      { reserved = false } = {},
    ): Promise<CallIntent> {
      await new IntentRepository(source()).write([
        { request: requestRecord(call, processId) },
        { attempt: attemptStartRecord(call.callId, sampleAttempt()) },
        ...(reserved ? [{ reservation: sampleReservation(call) }] : []),
      ]);
      return call;
    },
  };
}
