import type { CallId, Cost, CostStatus, TokenUsage } from '../../core/index.js';
import { costOf, estimateOf } from './cost-of.js';
import type { PriceList } from './price-list.js';

type Bucket = keyof TokenUsage;

/** A ledger row with its cost as it is now; bigints come as text. */
export type CostedRow = { readonly [bucket in Bucket]: string | null } & {
  readonly callId: CallId;
  readonly model: string | null;
  readonly serviceTier: string | null;
  readonly estimatedInput: string | null;
  readonly estimatedOutput: string | null;
  readonly costStatus: CostStatus;
  readonly costNanoUsd: string | null;
};

/** A call that costs something else now, with column names as keys. */
export interface CostChange {
  readonly call_id: CallId;
  readonly new_status: CostStatus;
  readonly new_nano_usd: number | null;
  readonly price_version: string | null;
  readonly old_status: CostStatus;
  readonly old_nano_usd: string | null;
}

/** What calls of a model came to before and come to now. */
export interface ReplayedModel {
  readonly model: string;
  calls: number;
  changed: number;
  unpricedBefore: number;
  unpricedAfter: number;
  beforeNanoUsd: bigint;
  afterNanoUsd: bigint;
}

export interface Replayed {
  readonly priceVersion: string;
  calls: number;
  changed: number;
  readonly models: Map<string, ReplayedModel>;
}

export const nothingReplayed = ({ priceVersion }: PriceList): Replayed => ({
  priceVersion,
  calls: 0,
  changed: 0,
  models: new Map(),
});

/** Prices a batch of ledger rows anew, adds it to the sums, and says which rows cost something else now. */
export function replay(rows: readonly CostedRow[], list: PriceList, sums: Replayed): CostChange[] {
  return rows.flatMap((row) => {
    const cost = costNow(row, list);
    const differs = cost.status !== row.costStatus || (cost.nanoUsd ?? null) !== nanoOf(row);
    add(sums, row, cost, differs);
    return differs ? [changeOf(row, cost)] : [];
  });
}

function costNow(row: CostedRow, list: PriceList): Cost {
  const model = row.model ?? '';
  const tier = row.serviceTier ?? undefined;
  if (row.inputUncached === null) {
    const estimate = { input: Number(row.estimatedInput), output: Number(row.estimatedOutput) };
    return estimateOf(model, tier, estimate, list);
  }
  const usage = {
    inputUncached: Number(row.inputUncached),
    inputCached: Number(row.inputCached),
    cacheWrite: Number(row.cacheWrite),
    output: Number(row.output),
    reasoning: Number(row.reasoning),
  };
  return costOf({ model, usage, ...(tier !== undefined && { serviceTier: tier }) }, list);
}

const nanoOf = ({ costNanoUsd }: CostedRow): number | null => (costNanoUsd === null ? null : Number(costNanoUsd));

const changeOf = (row: CostedRow, cost: Cost): CostChange => ({
  call_id: row.callId,
  new_status: cost.status,
  new_nano_usd: cost.nanoUsd ?? null,
  price_version: cost.priceVersion ?? null,
  old_status: row.costStatus,
  old_nano_usd: row.costNanoUsd,
});

function add(sums: Replayed, row: CostedRow, cost: Cost, differs: boolean): void {
  const model = row.model ?? '';
  const sum = sums.models.get(model) ?? noCalls(model);
  sums.models.set(model, sum);
  for (const each of [sums, sum]) {
    each.calls += 1;
    each.changed += differs ? 1 : 0;
  }
  sum.unpricedBefore += row.costStatus === 'unpriced' ? 1 : 0;
  sum.unpricedAfter += cost.status === 'unpriced' ? 1 : 0;
  sum.beforeNanoUsd += BigInt(row.costNanoUsd ?? 0);
  sum.afterNanoUsd += BigInt(cost.nanoUsd ?? 0);
}

const noCalls = (model: string): ReplayedModel => ({
  model,
  calls: 0,
  changed: 0,
  unpricedBefore: 0,
  unpricedAfter: 0,
  beforeNanoUsd: 0n,
  afterNanoUsd: 0n,
});
