import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ERRORS, type CallId, type ErrorCode } from '../core/index.js';
import { count } from '../platform/metrics/index.js';
import { safeError } from '../platform/telemetry/index.js';
import { SettlementRepository } from './settlement.repository.js';
import { FORGET_REFUSED } from './outbox-sql.js';
import { END_RESERVATIONS, LOCK_REQUESTS } from './settlement-sql.js';
import {
  CLOSE_LOST_ATTEMPTS,
  CLOSE_LOST_REQUESTS,
  END_STALE_RESERVATIONS,
  FORGET_DEAD,
  INSERT_LOST,
  LOCK_ABANDONED,
  OLD_RESERVATIONS,
  SUSPECT,
} from './sweep-sql.js';
import { OUTBOX_PATIENCE_MS, SWEEP_THRESHOLDS, type SweepThresholds } from './timing.js';
import { ADD_TO_SUMS } from './usage-delta-sql.js';

const CALLS_PER_TRANSACTION = 500;
const TRANSACTIONS_PER_SWEEP = 20;
const LOST: ErrorCode = 'process_lost';
const REFUSED: ErrorCode = 'settlement_refused';
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000' as CallId;

/** How many rows one look dealt with. */
export interface Swept {
  /** Calls whose settlement had waited in the outbox. */
  readonly drained: number;
  /** Calls of which only a part could be written: Postgres refused the rest for what was in it. */
  readonly bare: number;
  /** Calls that were settled as lost. */
  readonly lost: number;
  readonly reservations: number;
}

/**
 * Settles what nobody else settles: calls whose record waits in the outbox for too long, and calls of processes that
 * died. A process is dead when it was silent at two looks: the first one suspects it, a heartbeat clears the suspicion,
 * the second one believes it. One look would not do: while Postgres is away nobody can say that he lives, and the first
 * sweep after an outage would see every process silent and end all their calls.
 */
@Injectable()
export class SweepService {
  private readonly log = new Logger(SweepService.name);

  constructor(
    private readonly database: DataSource,
    private readonly settlements: SettlementRepository,
  ) {}

  /** One look. Bounded to 10 000 rows of each sort; the next sweep goes on. Several may run at a time. */
  async sweep(thresholds: SweepThresholds = SWEEP_THRESHOLDS): Promise<Swept> {
    const { silentMs, graceMs, orphanMs } = thresholds;
    const drained = await this.drain();
    const bare = await this.unlessItFails(() => this.settleRefused());
    await this.database.query(SUSPECT, [silentMs]);
    const lost = await inRounds(() => this.settleLost(graceMs, orphanMs));
    const reservations = await this.endReservations(graceMs, orphanMs);
    await this.database.query(FORGET_DEAD, [graceMs]);
    count('gw_orphans_settled_total', {}, lost);
    if (lost > 0) this.log.warn(`${lost} calls of lost processes settled.`);
    return { drained, bare, lost, reservations };
  }

  private drain(): Promise<number> {
    return this.unlessItFails(() =>
      inRounds(async () => {
        const callIds = await this.settlements.overdue(OUTBOX_PATIENCE_MS, CALLS_PER_TRANSACTION);
        if (callIds.length === 0) return 0;
        const refused = await this.settlements.settle(callIds, 'queue');
        if (refused.length > 0) this.log.error(`Postgres refused ${refused.length} settlements for what is in them.`);
        return callIds.length;
      }),
    );
  }

  /** A settlement that cannot be written must not keep the sweep from the others. */
  private async unlessItFails(work: () => Promise<number>): Promise<number> {
    try {
      return await work();
    } catch (error) {
      this.log.error(`The outbox is not drained: ${safeError(error).code ?? safeError(error).type}`);
      return 0;
    }
  }

  private settleLost(graceMs: number, orphanMs: number): Promise<number> {
    return this.database.transaction(async (transaction) => {
      const abandoned = await idsOf(transaction, LOCK_ABANDONED, [graceMs, orphanMs, CALLS_PER_TRANSACTION]);
      if (abandoned.length === 0) return 0;
      await closeLost(transaction, abandoned, LOST);
      return abandoned.length;
    });
  }

  /** One by one: there are few, and each may fail in its own way. */
  private async settleRefused(): Promise<number> {
    const callIds = await this.settlements.refused(CALLS_PER_TRANSACTION);
    for (const callId of callIds) {
      if (!(await this.settlements.settleBare(callId, Date.now()))) await this.settleByRequest(callId);
    }
    if (callIds.length > 0) this.log.error(`${callIds.length} calls settled of which Postgres refused a part.`);
    return callIds.length;
  }

  /** Nothing of the record can be used: what the intent said is all that is known. */
  private async settleByRequest(callId: CallId): Promise<void> {
    await this.database.transaction(async (transaction) => {
      await transaction.query(FORGET_REFUSED, [callId]);
      await transaction.query(LOCK_REQUESTS, [[callId]]);
      await closeLost(transaction, [callId], REFUSED);
    });
  }

  private async endReservations(graceMs: number, orphanMs: number): Promise<number> {
    let ended = 0;
    let last = BEFORE_ALL;
    await inRounds(async () => {
      const limits = [last, OUTBOX_PATIENCE_MS, CALLS_PER_TRANSACTION];
      const old = await idsOf(this.database.manager, OLD_RESERVATIONS, limits);
      last = old.at(-1) ?? last;
      const stale = [graceMs, old, orphanMs];
      const [, count] = await this.database.query<[unknown, number]>(END_STALE_RESERVATIONS, stale);
      ended += count;
      return old.length;
    });
    return ended;
  }
}

/** The ledger row that nobody else writes. The calls' requests are locked. */
async function closeLost(transaction: EntityManager, callIds: readonly CallId[], code: ErrorCode): Promise<void> {
  const guessed = await idsOf(transaction, INSERT_LOST, [callIds]);
  if (guessed.length > 0) await transaction.query(ADD_TO_SUMS, [guessed]);
  await transaction.query(CLOSE_LOST_REQUESTS, [callIds, code, ERRORS[code].blame]);
  await transaction.query(CLOSE_LOST_ATTEMPTS, [callIds, code]);
  await transaction.query(END_RESERVATIONS, [callIds]);
}

/** Until a round is not full. @returns the sum of the rounds */
async function inRounds(round: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (let rounds = 0; rounds < TRANSACTIONS_PER_SWEEP; rounds++) {
    const count = await round();
    sum += count;
    if (count < CALLS_PER_TRANSACTION) break;
  }
  return sum;
}

async function idsOf(manager: EntityManager, sql: string, parameters: readonly unknown[]): Promise<CallId[]> {
  const rows = await manager.query<{ id: CallId }[]>(sql, [...parameters]);
  return rows.map(({ id }) => id);
}
