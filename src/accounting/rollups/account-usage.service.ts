import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId } from '../../core/index.js';
import { ACCOUNT_USAGE, OUTBOX_IS_CLEAR } from './account-usage-sql.js';
import { pieces, type UsageSpan } from './usage-span.js';

/** What one account's calls of one model used within a span. */
export interface AccountModelUsage {
  readonly model: string;
  /** Tokens by what they cost: as many uncached input tokens of a usual model as cost the same. */
  readonly weightedTokens: number;
}

export interface AccountSpan extends UsageSpan {
  readonly accountId: AccountId;
}

/** Sums of what went through accounts between any two moments, exact to the millisecond. */
@Injectable()
export class AccountUsage {
  constructor(private readonly database: DataSource) {}

  /** @returns for each span its usage by model, all seen at one moment */
  async within(spans: readonly AccountSpan[]): Promise<readonly (readonly AccountModelUsage[])[]> {
    const parts = spans.flatMap(({ accountId, ...span }, n) =>
      pieces(span).map((piece) => ({ n, accountId, ...piece })),
    );
    const found: AccountModelUsage[][] = spans.map(() => []);
    if (parts.length === 0) return found;
    const rows = await this.database.query<{ n: number; model: string; weighted: string }[]>(ACCOUNT_USAGE, [
      JSON.stringify(parts),
    ]);
    for (const { n, model, weighted } of rows) found[n]?.push({ model, weightedTokens: Number(weighted) });
    return found;
  }

  /** Whether all calls that ended more than `lagMs` ago are in the sums. */
  async isSettled(lagMs: number): Promise<boolean> {
    const [row] = await this.database.query<{ clear: boolean }[]>(OUTBOX_IS_CLEAR, [lagMs]);
    return row?.clear === true;
  }
}
