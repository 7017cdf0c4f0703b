import { Injectable } from '@nestjs/common';
import { AccountUsage, type AccountSpan } from '../accounting/index.js';
import { AccountWindows, meterCounts, type AccountQuota } from '../upstream/index.js';
import { reconcile } from './reconcile.js';
import {
  ReconciliationRepository,
  type PlanRate,
  type StoredPoint,
  type StoredResult,
  type WindowOf,
} from './reconciliation.repository.js';

const MINUTE_MS = 60_000;
const KEPT_MS = 14 * 24 * 60 * MINUTE_MS;
/** Settlements that wait longer are not on their way: then our own sums are not to be believed yet. */
const SETTLING_MS = MINUTE_MS;
const ACCOUNTS_AT_ONCE = 50;

/** Numbers only. */
export interface ReconciliationRound {
  readonly accounts: number;
  readonly windows: number;
  /** New ones; none are taken while settlements are held up. */
  readonly points: number;
  readonly drifting: number;
  readonly unknown: number;
  readonly settled: boolean;
}

type Window = WindowOf & { readonly windowMs: number; readonly account: AccountQuota };

/** Compares what providers say was used of each window with our own sums. */
@Injectable()
export class ReconciliationService {
  constructor(
    private readonly accounts: AccountWindows,
    private readonly usage: AccountUsage,
    private readonly rows: ReconciliationRepository,
  ) {}

  /** One look at every account. Several may run at a time. */
  async run(nowMs: number): Promise<ReconciliationRound> {
    const accounts = (await this.accounts.all()).filter(({ windows }) => windows.length > 0);
    const settled = await this.usage.isSettled(SETTLING_MS);
    const rates = await this.rows.planRates();
    const results: StoredResult[] = [];
    let points = 0;
    for (let first = 0; first < accounts.length; first += ACCOUNTS_AT_ONCE) {
      const some = accounts.slice(first, first + ACCOUNTS_AT_ONCE);
      if (settled) points += await this.rows.addPoints(await this.pointsOf(some, nowMs));
      results.push(...(await this.reconciled(some, rates)));
    }
    await this.rows.forget(nowMs - KEPT_MS);
    const drifting = results.filter(({ driftPercent = 0 }) => driftPercent > 0).length;
    const unknown = results.filter(({ confidence }) => confidence === 'unknown').length;
    return { accounts: accounts.length, windows: results.length, points, drifting, unknown, settled };
  }

  /** What is believed of each window now, and our own sums up to when that was said. */
  private async pointsOf(accounts: readonly AccountQuota[], nowMs: number): Promise<readonly StoredPoint[]> {
    const said = accounts.flatMap((account) =>
      account.windows.map((window) => ({ account, window, atMs: window.heldAtMs ?? window.observedAtMs })),
    );
    const recent = said.filter(({ atMs }) => atMs > nowMs - KEPT_MS && atMs <= nowMs);
    const spans = recent.map(({ account, window, atMs }): AccountSpan => {
      const fromMs = window.resetsAtMs - window.windowMinutes * MINUTE_MS;
      return { accountId: account.id, fromMs: Math.min(fromMs, atMs), toMs: atMs };
    });
    const used = await this.usage.within(spans);
    return recent.map(({ account, window, atMs }, n) => ({
      accountId: account.id,
      limitId: window.limitId,
      windowMinutes: window.windowMinutes,
      atMs,
      resetsAtMs: window.resetsAtMs,
      usedPercent: window.usedPercent,
      ourTokens: (used[n] ?? [])
        .filter(({ model }) => meterCounts(window.limitId, account.meters, model))
        .reduce((sum, { weightedTokens }) => sum + weightedTokens, 0),
    }));
  }

  private async reconciled(
    accounts: readonly AccountQuota[],
    rates: readonly PlanRate[],
  ): Promise<readonly StoredResult[]> {
    const stored = await this.rows.points(accounts.map(({ id }) => id));
    const points = new Map<string, StoredPoint[]>();
    for (const point of stored) points.set(keyOf(point), [...(points.get(keyOf(point)) ?? []), point]);
    const results = windowsOf(accounts).map(({ account, windowMs, ...window }) => {
      const terms = { windowMs, coveredFromMs: account.createdAtMs };
      const rate = rates.find((each) => each.plan === account.plan && isSame(each, window));
      const result = reconcile(points.get(keyOf(window)) ?? [], terms, rate?.tokensPerPercent);
      return result && { ...window, ...(account.plan === undefined ? {} : { plan: account.plan }), ...result };
    });
    const found = results.filter((result) => result !== undefined);
    await this.rows.save(found);
    return found;
  }
}

const windowsOf = (accounts: readonly AccountQuota[]): readonly Window[] =>
  accounts.flatMap((account) =>
    account.windows.map(({ limitId, windowMinutes }) => ({
      account,
      accountId: account.id,
      limitId,
      windowMinutes,
      windowMs: windowMinutes * MINUTE_MS,
    })),
  );

const keyOf = ({ accountId, limitId, windowMinutes }: WindowOf): string => `${accountId} ${windowMinutes} ${limitId}`;

const isSame = (a: Omit<WindowOf, 'accountId'>, b: Omit<WindowOf, 'accountId'>): boolean =>
  a.limitId === b.limitId && a.windowMinutes === b.windowMinutes;
