import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  DAY_MS,
  HOUR_MS,
  RollupVerification,
  USAGE_DIMENSIONS,
  UsageReports,
  type UsageQuestion,
  type UsageRow,
} from '../../accounting/index.js';
import { invalidField } from '../control-error.js';
import { instant, msOf } from '../instants.js';
import { LEDGER_FILTER, LedgerFilters } from '../ledger-filters.service.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { PAGE_INPUT } from '../page.js';
import { textsAt, textsCursor } from '../texts-cursor.js';
import { usageReportView, usageRowViewOf } from '../views/usage-view.js';

const DAYS = 7;
const MAX_ROWS = 1_000;

const input = z.object({
  from: instant
    .optional()
    .describe('first day, UTC; of a report by hour any full hour; absent: six days before the last'),
  to: instant.optional().describe('the first day that is not in it any more; absent: tomorrow'),
  groupBy: z
    .array(z.enum(USAGE_DIMENSIONS))
    .max(USAGE_DIMENSIONS.length)
    .default(['key'])
    .describe('what there is a row for; none: one row of everything'),
  ...LEDGER_FILTER,
  model: z.string().min(1).max(200).optional().describe('of one model only'),
  sort: z
    .enum(['group', 'used'])
    .default('group')
    .describe(
      'group: by time and name, page after page; used: by time, then the most used first, and no page after it',
    ),
  ...PAGE_INPUT,
  limit: z.int().min(1).max(MAX_ROWS).default(100).describe('how many at most'),
});

type Asked = z.output<typeof input>;

/** What was used, and what it comes to. */
@Injectable()
export class UsageOperations extends OperationSet {
  constructor(
    private readonly reports: UsageReports,
    private readonly verification: RollupVerification,
    private readonly filters: LedgerFilters,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'usage.report',
      summary: 'What calls used and what that comes to at list prices, by key, Pool, account, model, day or hour',
      method: 'GET',
      path: '/usage',
      scope: 'read',
      input,
      output: usageReportView,
      run: (asked, call) => this.report(asked, call),
    }),
  ];

  private async report(asked: Asked, { actor }: OperationCall): Promise<z.input<typeof usageReportView>> {
    const names = await this.filters.names(actor);
    const { model } = asked;
    const filter = { ...this.filters.of(asked, names, actor), ...(model === undefined ? {} : { model }) };
    const question = { ...this.periodOf(asked), groupBy: asked.groupBy, filter };
    const { rows, next } = await this.rows(question, asked);
    const { compared, finished } = await this.verification.coverage(question);
    return {
      items: rows.map((row) => usageRowViewOf(row, names)),
      ...(next === undefined ? {} : { next: textsCursor(next) }),
      from: new Date(question.fromMs).toISOString(),
      to: new Date(question.toMs).toISOString(),
      finishedDays: Math.floor(finished),
      comparedDays: compared,
    };
  }

  private async rows(
    question: UsageQuestion,
    { sort, limit, after }: Asked,
  ): Promise<{ rows: readonly UsageRow[]; next?: readonly string[] }> {
    if (sort === 'group') {
      const shape = [...new Set(question.groupBy)].map(() => /^[^\0]*$/);
      return this.reports.page(question, limit, textsAt(after, shape));
    }
    if (after !== undefined) throw invalidField('after', 'The most used come on one page: there is none after it.');
    return { rows: (await this.reports.report(question)).slice(0, limit) };
  }

  /** @throws ControlError `invalid_input` for what the sums do not tell apart */
  private periodOf({ from, to, groupBy }: Asked): { readonly fromMs: number; readonly toMs: number } {
    const toMs = to === undefined ? this.reports.lastDays(DAYS).toMs : msOf(to);
    const fromMs = from === undefined ? toMs - DAYS * DAY_MS : msOf(from);
    const unit = groupBy.includes('hour') ? HOUR_MS : DAY_MS;
    for (const [path, ms] of Object.entries({ from: fromMs, to: toMs })) {
      if (ms % unit !== 0) throw invalidField(path, unit === DAY_MS ? 'must be a UTC day' : 'must be a full hour');
    }
    if (fromMs >= toMs)
      throw invalidField('to', 'must be later than from: it is the first day that is not in it any more');
    return { fromMs, toMs };
  }
}
