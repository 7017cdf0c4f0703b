import type { UsageDimension } from '../../accounting/index.js';
import type { UsageRowView } from '../../control/index.js';
import type { Field } from './delimited.js';

type Cells = Readonly<Record<string, Field>>;

const UNKNOWN = 'unknown';

const DIMENSION_COLUMNS: Readonly<Record<UsageDimension, readonly string[]>> = {
  day: ['day'],
  hour: ['hour'],
  pool: ['pool', 'pool_id'],
  key: ['key', 'key_id'],
  account: ['account', 'account_id'],
  model: ['model'],
};

const COUNTS = ['calls', 'succeeded', 'failed', 'cancelled', 'rejected', 'unknown_usage', 'unpriced'] as const;
const TOKENS = ['input_uncached', 'input_cached', 'cache_write', 'output', 'reasoning', 'total_tokens'] as const;
const REST = ['estimated_input', 'estimated_output', 'cost_usd', 'cost_status', 'metered_usd'] as const;

/** The names of an export's columns, in their order. */
export const exportColumns = (groupBy: readonly UsageDimension[]): readonly string[] => [
  ...ordered(groupBy).flatMap((name) => DIMENSION_COLUMNS[name]),
  ...COUNTS,
  ...TOKENS,
  ...REST,
];

const ORDER = ['day', 'hour', 'pool', 'key', 'account', 'model'] as const satisfies readonly UsageDimension[];
const ordered = (groupBy: readonly UsageDimension[]) => ORDER.filter((name) => groupBy.includes(name));

/** By time, then the most used first; what is the same in that keeps its order. */
export const mostUsedFirst = (rows: readonly UsageRowView[]): UsageRowView[] =>
  [...rows].sort((one, other) => {
    const [at, otherAt] = [one.hour ?? one.day ?? '', other.hour ?? other.day ?? ''];
    if (at !== otherAt) return at < otherAt ? -1 : 1;
    return (other.totalTokens ?? 0) - (one.totalTokens ?? 0) || other.calls - one.calls;
  });

/** For machines: everything. What nobody knows is said, and is no number. */
export const exportedUsage = (row: UsageRowView, groupBy: readonly UsageDimension[]): Cells => ({
  ...dimensions(row, groupBy),
  calls: row.calls,
  succeeded: row.succeeded,
  failed: row.failed,
  cancelled: row.cancelled,
  rejected: row.rejected,
  unknown_usage: row.unknownUsage,
  unpriced: row.unpriced,
  input_uncached: row.inputUncached ?? UNKNOWN,
  input_cached: row.inputCached ?? UNKNOWN,
  cache_write: row.cacheWrite ?? UNKNOWN,
  output: row.output ?? UNKNOWN,
  reasoning: row.reasoning ?? UNKNOWN,
  total_tokens: row.totalTokens ?? UNKNOWN,
  estimated_input: row.estimatedInput,
  estimated_output: row.estimatedOutput,
  cost_usd: row.costUsd ?? row.costStatus,
  cost_status: row.costStatus,
  metered_usd: row.meteredUsd,
});

/** For a person: what is wanted most, and what the sums lack. */
export function shownUsage(row: UsageRowView, groupBy: readonly UsageDimension[]): Cells {
  const named = dimensions(row, groupBy);
  return {
    ...Object.fromEntries(ordered(groupBy).map((name) => [name, named[name]])),
    calls: row.calls,
    failed: row.failed,
    cancelled: row.cancelled,
    rejected: row.rejected,
    input: row.inputUncached ?? UNKNOWN,
    cached: row.inputCached ?? UNKNOWN,
    written: row.cacheWrite ?? UNKNOWN,
    output: row.output ?? UNKNOWN,
    reasoning: row.reasoning ?? UNKNOWN,
    total: row.totalTokens ?? UNKNOWN,
    cost_usd: row.costUsd ?? row.costStatus,
    not_summed: lacks(row),
  };
}

const dimensions = (row: UsageRowView, groupBy: readonly UsageDimension[]): Cells =>
  Object.fromEntries(ordered(groupBy).flatMap((name) => Object.entries(dimension(row, name))));

function dimension(row: UsageRowView, name: UsageDimension): Cells {
  switch (name) {
    case 'key':
      return { key: row.key, key_id: row.keyId };
    case 'pool':
      return { pool: row.pool, pool_id: row.poolId };
    case 'account':
      return { account: row.account, account_id: row.accountId };
    default:
      return { [name]: row[name] };
  }
}

/** Of the calls that no sum has: how many, and why. */
const lacks = ({ unknownUsage, unpriced }: UsageRowView): Field =>
  [unknownUsage > 0 ? `${unknownUsage} ${UNKNOWN}` : '', unpriced > 0 ? `${unpriced} unpriced` : '']
    .filter((word) => word !== '')
    .join(', ') || undefined;
