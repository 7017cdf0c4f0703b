import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { DAY_MS, dayOf, midnightOf } from './days.js';
import { ROLLUPS, USAGE_COUNTERS, type UsageCounter } from './usage-counters.js';
import { DUE_DAYS, NOTE_VERIFIED, VERIFIED_DAYS, verified } from './verification-sql.js';

/** What a rollup of one day was off by, and is no more. */
export interface RollupDifference {
  readonly rows: number;
  /** Of the counters that were off: by how much, added up without their signs. */
  readonly by: Readonly<Partial<Record<UsageCounter, number>>>;
}

export interface VerifiedDay {
  /** UTC, `2027-01-31`. */
  readonly day: string;
  /** Absent: its hours are not kept any more. */
  readonly hourly?: RollupDifference;
  readonly daily: RollupDifference;
}

export interface Coverage {
  readonly finished: number;
  readonly compared: number;
}

/** For how many days these are kept; 0: for ever. */
export interface KeptDays {
  readonly ledger: number;
  readonly hourly: number;
}

/** Time for a worker that was away. */
const DAYS_BACK = 7;

/** How many days back are there as a whole, of those that are looked at. */
const wholeDays = (kept: number): number => (kept === 0 ? DAYS_BACK : Math.min(DAYS_BACK, kept - 1));

type Difference = { readonly rows: number } & Readonly<Record<UsageCounter, number>>;

/** Compares rollups with the ledger that they are sums of, and makes them right where they are not. */
@Injectable()
export class RollupVerification {
  private readonly log = new Logger(RollupVerification.name);

  constructor(private readonly database: DataSource) {}

  /**
   * Every finished UTC day that was not looked at yet, of the last seven, as far as all of its ledger is there.
   *
   * @param nowMs Unix time in milliseconds
   */
  async verifyDue(nowMs: number, kept: KeptDays = { ledger: 0, hourly: 0 }): Promise<readonly VerifiedDay[]> {
    const due = await this.database.query<{ day: string }[]>(DUE_DAYS, [dayOf(nowMs), wholeDays(kept.ledger)]);
    const firstOfHours = dayOf(nowMs - wholeDays(kept.hourly) * DAY_MS);
    const days: VerifiedDay[] = [];
    for (const { day } of due) days.push(await this.verify(day, day >= firstOfHours));
    return days;
  }

  /** One UTC day, now. @param withHours whether all of its hours are still kept */
  async verify(day: string, withHours = true): Promise<VerifiedDay> {
    return this.database.transaction(async (transaction) => {
      // Two that find the same difference would both repair it.
      await transaction.query(`SELECT pg_advisory_xact_lock(hashtextextended('rollup verification', 0))`);
      const hourly = withHours ? await compared(transaction, verified(ROLLUPS.hour), day) : undefined;
      const daily = await compared(transaction, verified(ROLLUPS.day), day);
      const repaired = (hourly?.rows ?? 0) + daily.rows;
      await transaction.query(NOTE_VERIFIED, [day, repaired]);
      if (repaired > 0) this.log.warn(`Rollups of ${day} were not as the ledger says: ${repaired} rows repaired.`);
      return { day, daily, ...(hourly && { hourly }) };
    });
  }

  /** Of a period's days that are over, how many there are and how many were compared. Both are UTC midnights. */
  async coverage({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): Promise<Coverage> {
    const endMs = Math.min(toMs, midnightOf(Date.now()));
    const finished = Math.max(0, (endMs - fromMs) / DAY_MS);
    const [row] = await this.database.query<{ days: number }[]>(VERIFIED_DAYS, [dayOf(fromMs), dayOf(endMs)]);
    return { finished, compared: row?.days ?? 0 };
  }
}

async function compared(transaction: EntityManager, sql: string, day: string): Promise<RollupDifference> {
  const [found] = await transaction.query<Difference[]>(sql, [day]);
  if (!found) return { rows: 0, by: {} };
  const off = USAGE_COUNTERS.filter((name) => found[name] !== 0).map((name) => [name, found[name]]);
  return { rows: found.rows, by: Object.fromEntries(off) as RollupDifference['by'] };
}
