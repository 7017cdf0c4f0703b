import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { BudgetWarnings } from '../../src/accounting/limits/budget-warnings.service.js';
import { LimitEpochRepository } from '../../src/accounting/limits/limit-epoch.repository.js';
import type { LimitedCall } from '../../src/accounting/limits/limited-call.js';
import { INSERT_RESERVATIONS } from '../../src/accounting/limits/limit-sql.js';
import { LimitRebuildService } from '../../src/accounting/limits/limit-rebuild.service.js';
import { LimitStore } from '../../src/accounting/limits/limit-store.service.js';
import { LimitTruthRepository } from '../../src/accounting/limits/limit-truth.repository.js';
import { LimitsService, type Reservation } from '../../src/accounting/limits/limits.service.js';
import { OpenReservations } from '../../src/accounting/limits/open-reservations.service.js';
import { PostgresCounters } from '../../src/accounting/limits/postgres-counters.service.js';
import { ReservationHolder } from '../../src/accounting/limits/reservation-holder.service.js';
import { newCallId, type KeyId, type PoolId, type UsageLimit } from '../../src/core/index.js';
import type { SharedState } from '../../src/platform/shared-state/index.js';

export const newKey = () => randomUUID() as KeyId;
export const newPool = () => randomUUID() as PoolId;

/** Looks again at once. */
class EagerRebuild extends LimitRebuildService {
  protected override readonly betweenLooksMs = 0;
}

/** Limits as one process has them. */
export function limitsOf(database: DataSource, shared: SharedState) {
  const truth = new LimitTruthRepository(database);
  const epochs = new LimitEpochRepository(database);
  const postgres = new PostgresCounters(database, truth, epochs);
  const own = new OpenReservations();
  const store = new LimitStore(shared, truth, postgres, epochs, own);
  const holder = new ReservationHolder(own, store);
  const processId = randomUUID();
  const limits = new LimitsService(store, holder, new BudgetWarnings(shared), { id: processId });
  const end = async () => {
    await holder.onApplicationShutdown();
    store.onApplicationShutdown();
  };
  return { limits, store, holder, own, postgres, truth, rebuild: new EagerRebuild(shared, store, truth, own), end };
}

export const aCall = (keyId: KeyId, given: Partial<LimitedCall> = {}): LimitedCall => {
  const nowMs = Date.now();
  return {
    id: newCallId(nowMs),
    keyId,
    poolId: newPool(),
    model: 'gpt-5.5',
    receivedAtMs: nowMs,
    input: 1,
    output: 0,
    nanoUsd: 0,
    ...given,
  };
};

export const keyLimit = (id: KeyId, given: Partial<UsageLimit> = {}): UsageLimit => ({ scope: 'key', id, ...given });
export const poolLimit = (id: PoolId, given: Partial<UsageLimit> = {}): UsageLimit => ({ scope: 'pool', id, ...given });

/** What an intent does. */
export const commit = (database: DataSource, { record }: Pick<Reservation, 'record'>): Promise<unknown> =>
  database.query(INSERT_RESERVATIONS, [JSON.stringify([record])]);

/** What the settlement of a call does to the sums of its key and Pool, and to its reservation. */
export async function settleInLedger(
  database: DataSource,
  { record }: Pick<Reservation, 'record'>,
  used: { readonly tokens: number; readonly nanoUsd: number },
): Promise<void> {
  await database.query(
    `WITH gone AS (DELETE FROM reservation WHERE call_id = $1)
     INSERT INTO usage_delta (hour, pool_id, key_id, model, calls, succeeded, failed, cancelled, rejected, unknown_usage,
                              unpriced, input_uncached, input_cached, cache_write, output, reasoning, estimated_input,
                              estimated_output, cost_nano_usd, metered_nano_usd)
     SELECT date_trunc('hour', $2::timestamptz, 'UTC'), $3, $4, $5, 1, 1, 0, 0, 0, 0, 0, $6, 0, 0, 0, 0, 0, 0, $7, 0`,
    [record.call_id, record.received_at, record.pool_id, record.key_id, record.model, used.tokens, used.nanoUsd],
  );
}
