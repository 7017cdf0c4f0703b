import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { CallId } from '../core/index.js';
import { bareRecord } from './bare-record.js';
import { isolated } from './isolated.js';
import { KEEP, OVERDUE, REFUSE, REFUSED, TAKE, TAKE_REFUSED } from './outbox-sql.js';
import type { SettlementRecord } from './records.js';
import { linkToCalls, observeLag, type SettledEnd } from './settled-ends.js';
import type { SettledBy } from './settlement.js';
import {
  CLOSE_ATTEMPTS,
  CLOSE_REQUESTS,
  END_RESERVATIONS,
  ENSURE_REQUESTS,
  INSERT_LEDGER,
  LOCK_REQUESTS,
} from './settlement-sql.js';
import { CLOSE_LOST_ATTEMPTS } from './sweep-sql.js';
import { ADD_TO_SUMS, TAKE_GUESSES_FROM_SUMS } from './usage-delta-sql.js';

type Writer = Exclude<SettledBy, 'sweeper'>;

interface Taken {
  /** Records as a JSON array. */
  readonly batch: string | null;
  readonly callIds: readonly CallId[];
}

interface TakenFromOutbox extends Taken {
  readonly ends: readonly SettledEnd[] | null;
}

/** The only writer of settlements, whoever brings them: the queue's worker or the process itself. */
@Injectable()
export class SettlementRepository {
  constructor(private readonly database: DataSource) {}

  /**
   * Commit records to the outbox: from then on any process can settle their calls.
   *
   * @returns the records that Postgres refuses for what is in them; everything else is kept
   */
  keep(records: readonly SettlementRecord[]): Promise<SettlementRecord[]> {
    return isolated(records, async (batch) => {
      await this.database.query(KEEP, [JSON.stringify(batch)]);
    });
  }

  /**
   * Close calls whose records are in the outbox; others, and those that somebody else is closing, are left alone. A
   * record leaves the outbox in the transaction that writes it into the ledger.
   *
   * @returns the calls whose records Postgres refuses for what is in them; they stay in the outbox, marked, for the sweep
   */
  async settle(callIds: readonly CallId[], by: Writer): Promise<CallId[]> {
    const refused = await isolated([...new Set(callIds)], (ids) => this.settleTogether(ids, by));
    if (refused.length > 0) await this.database.query(REFUSE, [refused]);
    return refused;
  }

  /**
   * The calls that have waited in the outbox for longer than anybody should need, the oldest first.
   *
   * @param limit how many at the most
   */
  async overdue(ageMs: number, limit: number): Promise<CallId[]> {
    const rows = await this.database.query<{ callId: CallId }[]>(OVERDUE, [ageMs, limit]);
    return rows.map(({ callId }) => callId);
  }

  /**
   * Close calls by records that never were in the outbox. Safe to repeat, in any order and at the same time as others: a
   * call that has its ledger entry is left alone.
   *
   * @returns the records that Postgres refuses for what is in them; they are in the outbox, marked; all else is written
   */
  async write(records: readonly SettlementRecord[], by: Writer): Promise<SettlementRecord[]> {
    const once = new Map(records.map((record) => [record.id, record]));
    const refused = await isolated([...once.values()], async (batch) => {
      if (batch.length === 0) return;
      await this.database.transaction((transaction) => close(transaction, taken(batch), by));
    });
    if (refused.length > 0) {
      await this.keep(refused);
      await this.database.query(REFUSE, [refused.map(({ id }) => id)]);
    }
    return refused;
  }

  /** The calls whose records Postgres has refused, the longest first. @param limit how many at the most */
  async refused(limit: number): Promise<CallId[]> {
    const rows = await this.database.query<{ callId: CallId }[]>(REFUSED, [limit]);
    return rows.map(({ callId }) => callId);
  }

  /**
   * Close a call whose record Postgres has refused with as much of it as can be written.
   *
   * @returns false when not even that can be written; then nothing is changed
   */
  async settleBare(callId: CallId, nowMs: number): Promise<boolean> {
    const left = await isolated([callId], () =>
      this.database.transaction(async (transaction) => {
        const [row] = await transaction.query<{ record: SettlementRecord }[]>(TAKE_REFUSED, [callId]);
        if (row === undefined) return;
        const record = bareRecord(row.record, nowMs);
        await close(transaction, taken([record]), 'sweeper');
        await transaction.query(CLOSE_LOST_ATTEMPTS, [[callId], record.error_code]);
      }),
    );
    return left.length === 0;
  }

  private async settleTogether(callIds: readonly CallId[], by: Writer): Promise<void> {
    const ends = await this.database.transaction(async (transaction) => {
      const [found] = await transaction.query<TakenFromOutbox[]>(TAKE, [callIds]);
      if (found) await close(transaction, found, by);
      return found?.ends ?? null;
    });
    linkToCalls(ends);
    observeLag(ends, Date.now());
  }
}

const taken = (batch: readonly SettlementRecord[]): Taken => ({
  batch: JSON.stringify(batch),
  callIds: batch.map(({ id }) => id),
});

/** Ledger entry, request, attempts, sums and reservation of each call. */
async function close(transaction: EntityManager, { batch, callIds }: Taken, by: SettledBy): Promise<void> {
  if (batch === null) return;
  await transaction.query(ENSURE_REQUESTS, [batch]);
  await transaction.query(LOCK_REQUESTS, [callIds]);
  await transaction.query(TAKE_GUESSES_FROM_SUMS, [callIds]);
  const written = await transaction.query<{ call_id: CallId }[]>(INSERT_LEDGER, [batch, by]);
  if (written.length > 0) {
    const ids = written.map((row) => row.call_id);
    await transaction.query(ADD_TO_SUMS, [ids]);
    await transaction.query(CLOSE_REQUESTS, [batch, ids]);
    await transaction.query(CLOSE_ATTEMPTS, [batch, ids]);
  }
  await transaction.query(END_RESERVATIONS, [callIds]);
}
