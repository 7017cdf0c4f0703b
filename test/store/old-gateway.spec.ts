import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { IntentRepository } from '../../src/accounting/intent.repository.js';
import { UsageReports } from '../../src/accounting/index.js';
import { requestRecord } from '../../src/accounting/records.js';
import { RollupVerification } from '../../src/accounting/rollups/rollup-verification.service.js';
import { RollupService } from '../../src/accounting/rollups/rollup.service.js';
import { SettlementRepository } from '../../src/accounting/settlement.repository.js';
import { SweepService } from '../../src/accounting/sweep.service.js';
import type { KeyId, PoolId } from '../../src/core/index.js';
import { useDatabase } from '../support/database.js';
import { FIRST_RELEASE_ENTRY, OLD_KEYS, OLD_POOL } from '../support/first-release.js';
import { sampleCall } from '../support/sample-calls.js';

const DAY_MS = 86_400_000;

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('a gateway of the first release beside new ones, which writes the ledger by itself', () => {
  const database = useDatabase();
  const sql = (text: string, parameters: unknown[] = []) => database.dataSource().query<object[]>(text, parameters);
  const poolId = OLD_POOL as PoolId;
  const keyId = OLD_KEYS[0] as KeyId;
  const writes = (callId: string) => sql(FIRST_RELEASE_ENTRY, [callId]);
  const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const total = () =>
    new UsageReports(database.dataSource()).total({ fromMs: midnight, toMs: midnight + 2 * DAY_MS, filter: { keyId } });
  /** As the job does after the next midnight. */
  const nextNight = async () => {
    const days = await new RollupVerification(database.dataSource()).verifyDue(midnight + DAY_MS + 1);
    return days.filter(({ daily }) => daily.rows > 0);
  };

  afterEach(() =>
    sql(`TRUNCATE request, attempt, ledger_entry, usage_delta, usage_hourly, usage_daily, rollup_verification`),
  );

  it('has its calls in the sums after the next night', async () => {
    await writes(randomUUID());
    await writes(randomUUID());
    expect(await total()).toMatchObject({ calls: 0 });
    expect(await nextNight()).toMatchObject([{ daily: { by: { calls: 2, succeeded: 2, output: 8 } } }]);
    expect(await total()).toMatchObject({ calls: 2, succeeded: 2, inputUncached: 2, output: 8, unknownUsage: 0 });
  });

  it('has the guess of a new worker that it replaces out of them, too', async () => {
    const call = sampleCall({ poolId, keyId, receivedAtMs: Date.now() });
    const lost = '99999999-0000-4000-8000-000000000001';
    await new IntentRepository(database.dataSource()).write([{ request: requestRecord(call, lost) }]);
    await sql(`INSERT INTO gateway_process (id, role, host, started_at, heartbeat_at, suspected_at)
               VALUES ('${lost}', 'gateway', 'old', now(), now() - interval '1 hour', now() - interval '1 hour')`);
    await new SweepService(database.dataSource(), new SettlementRepository(database.dataSource())).sweep();
    await new RollupService(database.dataSource()).rollUp();
    expect(await total()).toMatchObject({ calls: 1, failed: 1, unknownUsage: 1 });
    expect(await writes(call.callId)).toEqual([{ call_id: call.callId }]);
    expect(await nextNight()).toHaveLength(1);
    expect(await total()).toMatchObject({ calls: 1, succeeded: 1, failed: 0 });
  });
});
