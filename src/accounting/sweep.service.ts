import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ERRORS, type CallId, type ErrorCode } from '../core/index.js';
import {
  CLOSE_LOST_ATTEMPTS,
  CLOSE_LOST_REQUESTS,
  FORGET_DEAD,
  INSERT_LOST,
  LOCK_ABANDONED,
  SUSPECT,
} from './sweep-sql.js';
import { SWEEP_THRESHOLDS, type SweepThresholds } from './timing.js';

const CALLS_PER_TRANSACTION = 500;
const TRANSACTIONS_PER_SWEEP = 20;
const LOST: ErrorCode = 'process_lost';

/**
 * Settles the calls of processes that died. A process is dead when it was silent at two looks: the first one suspects
 * it, a heartbeat clears the suspicion, the second one believes it. One look would not do: while Postgres is away nobody
 * can say that he lives, and the first sweep after an outage would see every process silent and end all their calls.
 */
@Injectable()
export class SweepService {
  private readonly log = new Logger(SweepService.name);

  constructor(private readonly database: DataSource) {}

  /**
   * One look. Bounded to 10 000 calls; the next sweep goes on. Several may run at a time.
   *
   * @returns how many calls were settled as lost
   */
  async sweep({ silentMs, graceMs, orphanMs }: SweepThresholds = SWEEP_THRESHOLDS): Promise<number> {
    await this.database.query(SUSPECT, [silentMs]);
    let settled = 0;
    for (let round = 0; round < TRANSACTIONS_PER_SWEEP; round++) {
      const count = await this.settleLost(graceMs, orphanMs);
      settled += count;
      if (count < CALLS_PER_TRANSACTION) break;
    }
    await this.database.query(FORGET_DEAD, [graceMs]);
    if (settled > 0) this.log.warn(`${settled} calls of lost processes settled.`);
    return settled;
  }

  private settleLost(graceMs: number, orphanMs: number): Promise<number> {
    return this.database.transaction(async (transaction) => {
      const abandoned = await transaction.query<{ id: CallId }[]>(LOCK_ABANDONED, [
        graceMs,
        orphanMs,
        CALLS_PER_TRANSACTION,
      ]);
      const ids = abandoned.map((row) => row.id);
      if (ids.length === 0) return 0;
      await transaction.query(INSERT_LOST, [ids]);
      await transaction.query(CLOSE_LOST_REQUESTS, [ids, LOST, ERRORS[LOST].blame]);
      await transaction.query(CLOSE_LOST_ATTEMPTS, [ids, LOST]);
      return ids.length;
    });
  }
}
