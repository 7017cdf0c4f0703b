import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId } from '../core/index.js';
import { AccountReconciliation } from './account-reconciliation.entity.js';
import type { Reconciliation } from './reconcile.js';
import {
  ADD_POINTS,
  FORGET_POINTS,
  FORGET_RESULTS,
  SAVE_RESULTS,
  SELECT_PLAN_RATES,
  SELECT_POINTS,
} from './reconciliation-sql.js';
import type { UsagePoint } from './usage-point.js';

/** Which window of which account. */
export interface WindowOf {
  readonly accountId: AccountId;
  readonly limitId: string;
  readonly windowMinutes: number;
}

export type StoredPoint = WindowOf & UsagePoint;
export type StoredResult = WindowOf & Reconciliation & { readonly plan?: string };
export type PlanRate = Omit<WindowOf, 'accountId'> & { readonly plan: string; readonly tokensPerPercent: number };

/** The rows of reconciliation. Whatever is written may be written again. */
@Injectable()
export class ReconciliationRepository {
  constructor(private readonly database: DataSource) {}

  /** @returns how many were new */
  async addPoints(points: readonly StoredPoint[]): Promise<number> {
    if (points.length === 0) return 0;
    return (await this.database.query<object[]>(ADD_POINTS, [JSON.stringify(points)])).length;
  }

  points(accounts: readonly AccountId[]): Promise<StoredPoint[]> {
    return this.database.query<StoredPoint[]>(SELECT_POINTS, [accounts]);
  }

  planRates(): Promise<PlanRate[]> {
    return this.database.query<PlanRate[]>(SELECT_PLAN_RATES);
  }

  async save(results: readonly StoredResult[]): Promise<void> {
    if (results.length > 0) await this.database.query(SAVE_RESULTS, [JSON.stringify(results)]);
  }

  async forget(beforeMs: number): Promise<void> {
    for (const sql of [FORGET_POINTS, FORGET_RESULTS]) await this.database.query(sql, [beforeMs]);
  }

  latest(): Promise<AccountReconciliation[]> {
    const order = { accountId: 'ASC', limitId: 'ASC', windowMinutes: 'ASC' } as const;
    return this.database.getRepository(AccountReconciliation).find({ order });
  }
}
