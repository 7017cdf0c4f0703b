import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DAY_MS, midnightOf } from './days.js';
import { usageStatement } from './usage-report-sql.js';
import { NO_USAGE, type UsageQuestion, type UsageRow } from './usage-row.js';
import { usageRow, type SummedRow } from './summed-row.js';

const ROWS_PER_FETCH = 1_000;

/** What was used: settled to the moment, whether it is rolled up yet or not. The one source of every such number. */
@Injectable()
export class UsageReports {
  constructor(private readonly database: DataSource) {}

  /** Today, UTC, and the days before it. @param days at least 1 */
  lastDays(days: number): Pick<UsageQuestion, 'fromMs' | 'toMs'> {
    const toMs = midnightOf(Date.now()) + DAY_MS;
    return { fromMs: toMs - days * DAY_MS, toMs };
  }

  /** By time, then the most used first. */
  async report(question: UsageQuestion): Promise<UsageRow[]> {
    const { text, values } = usageStatement(question);
    return (await this.database.query<SummedRow[]>(text, values)).map(usageRow);
  }

  /** Everything in one row. */
  async total(question: Omit<UsageQuestion, 'groupBy'>): Promise<UsageRow> {
    const [row] = await this.report({ ...question, groupBy: [] });
    return row ?? NO_USAGE;
  }

  /** The same rows as `report`, of one moment and a few at a time, however many there are. */
  async *stream(question: UsageQuestion): AsyncGenerator<UsageRow[]> {
    const { text, values } = usageStatement(question);
    const runner = this.database.createQueryRunner();
    try {
      await runner.startTransaction();
      await runner.query(`DECLARE usage_rows NO SCROLL CURSOR FOR ${text}`, values);
      for (;;) {
        const rows = (await runner.query(`FETCH ${String(ROWS_PER_FETCH)} FROM usage_rows`)) as SummedRow[];
        if (rows.length > 0) yield rows.map(usageRow);
        if (rows.length < ROWS_PER_FETCH) break;
      }
    } finally {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      await runner.release();
    }
  }
}
