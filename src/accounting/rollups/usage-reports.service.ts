import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DAY_MS, midnightOf } from './days.js';
import { pagePosition, usagePageStatement, usageStatement } from './usage-report-sql.js';
import { NO_USAGE, type UsageQuestion, type UsageRow } from './usage-row.js';
import { usageRow, type SummedRow } from './summed-row.js';

export interface UsagePage {
  readonly rows: readonly UsageRow[];
  /** Where the next page goes on; absent: this is the last one. */
  readonly next?: readonly string[];
}

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

  /**
   * A few of the rows at a time, by time and then by what they are of, however many there are.
   *
   * @param after the `next` of the page before; of the same dimensions
   */
  async page(question: UsageQuestion, limit: number, after?: readonly string[]): Promise<UsagePage> {
    const { text, values } = usagePageStatement(question, limit + 1, after);
    const rows = await this.database.query<SummedRow[]>(text, values);
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return { rows: shown.map(usageRow), ...(last && { next: pagePosition(last) }) };
  }
}
