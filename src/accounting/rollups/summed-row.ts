import type { AccountId, KeyId, PoolId } from '../../core/index.js';
import type { UsageCounter } from './usage-counters.js';
import type { UsageRow } from './usage-row.js';

/** As the query gives it: sums as text, and the dimensions that were asked for. */
export type SummedRow = Readonly<Record<UsageCounter, string>> & {
  readonly key?: KeyId;
  readonly pool?: PoolId;
  readonly account?: AccountId | null;
  readonly model?: string;
  readonly day?: string;
  readonly hour?: string;
};

/** Fields that were not asked for are left out, those that are null are not. */
const asked = <T extends object>(fields: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };

export function usageRow(row: SummedRow): UsageRow {
  const buckets = {
    inputUncached: Number(row.input_uncached),
    inputCached: Number(row.input_cached),
    cacheWrite: Number(row.cache_write),
    output: Number(row.output),
    reasoning: Number(row.reasoning),
  };
  return {
    ...asked({
      keyId: row.key,
      poolId: row.pool,
      accountId: row.account,
      model: row.model,
      day: row.day,
      hour: row.hour,
    }),
    calls: Number(row.calls),
    succeeded: Number(row.succeeded),
    failed: Number(row.failed),
    cancelled: Number(row.cancelled),
    rejected: Number(row.rejected),
    unknownUsage: Number(row.unknown_usage),
    unpriced: Number(row.unpriced),
    ...buckets,
    totalTokens: Object.values(buckets).reduce((sum, tokens) => sum + tokens, 0),
    estimatedInput: Number(row.estimated_input),
    estimatedOutput: Number(row.estimated_output),
    costNanoUsd: BigInt(row.cost_nano_usd),
    meteredNanoUsd: BigInt(row.metered_nano_usd),
  };
}
