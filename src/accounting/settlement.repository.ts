import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CallId } from '../core/index.js';
import { isolated } from './isolated.js';
import type { SettlementRecord } from './records.js';
import type { SettledBy } from './settlement.js';
import { CLOSE_ATTEMPTS, CLOSE_REQUESTS, ENSURE_REQUESTS, INSERT_LEDGER, LOCK_REQUESTS } from './settlement-sql.js';

/** The only writer of settlements, whoever brings them: the queue's worker or the process itself. */
@Injectable()
export class SettlementRepository {
  constructor(private readonly database: DataSource) {}

  /**
   * Close calls: ledger entry, request and attempts of each in one transaction. Safe to repeat, in any order and at the
   * same time as others: a call that has its ledger entry is left alone.
   *
   * @returns the records that Postgres refuses for what is in them; everything else is written
   */
  async write(records: readonly SettlementRecord[], by: Exclude<SettledBy, 'sweeper'>): Promise<SettlementRecord[]> {
    const once = new Map(records.map((record) => [record.id, record]));
    return isolated([...once.values()], (batch) => this.writeTogether(batch, by));
  }

  /** Which of these calls have their ledger entry. */
  async settled(callIds: readonly CallId[]): Promise<ReadonlySet<CallId>> {
    const rows = await this.database.query<{ call_id: CallId }[]>(
      'SELECT call_id FROM ledger_entry WHERE call_id = ANY($1::uuid[])',
      [callIds],
    );
    return new Set(rows.map((row) => row.call_id));
  }

  private async writeTogether(records: readonly SettlementRecord[], by: SettledBy): Promise<void> {
    if (records.length === 0) return;
    const batch = JSON.stringify(records);
    await this.database.transaction(async (transaction) => {
      await transaction.query(ENSURE_REQUESTS, [batch]);
      await transaction.query(LOCK_REQUESTS, [batch]);
      const won = await transaction.query<{ call_id: CallId }[]>(INSERT_LEDGER, [batch, by]);
      if (won.length === 0) return;
      const ids = won.map((row) => row.call_id);
      await transaction.query(CLOSE_REQUESTS, [batch, ids]);
      await transaction.query(CLOSE_ATTEMPTS, [batch, ids]);
    });
  }
}
