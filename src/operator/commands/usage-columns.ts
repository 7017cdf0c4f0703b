import { costCoverage, type UsageDimension, type UsageRow } from '../../accounting/index.js';
import { usdOf } from '../../core/index.js';
import type { Field } from './delimited.js';
import type { LedgerNames } from './ledger-names.js';

type Cells = Readonly<Record<string, Field>>;
type Names = Pick<LedgerNames, 'key' | 'pool' | 'account'>;

const UNKNOWN = 'unknown';
const UNPRICED = 'unpriced';

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

/** For machines: everything. What nobody knows is said, and is no number. */
export function exportedUsage(row: UsageRow, groupBy: readonly UsageDimension[], names: Names): Cells {
  return {
    ...dimensions(row, groupBy, names),
    calls: row.calls,
    succeeded: row.succeeded,
    failed: row.failed,
    cancelled: row.cancelled,
    rejected: row.rejected,
    unknown_usage: row.unknownUsage,
    unpriced: row.unpriced,
    input_uncached: tokens(row, row.inputUncached),
    input_cached: tokens(row, row.inputCached),
    cache_write: tokens(row, row.cacheWrite),
    output: tokens(row, row.output),
    reasoning: tokens(row, row.reasoning),
    total_tokens: tokens(row, row.totalTokens),
    estimated_input: row.estimatedInput,
    estimated_output: row.estimatedOutput,
    cost_usd: costWords(row),
    cost_status: costStatus(row),
    metered_usd: usdOf(row.meteredNanoUsd),
  };
}

/** For a person: what is wanted most, and what the sums lack. */
export function shownUsage(row: UsageRow, groupBy: readonly UsageDimension[], names: Names): Cells {
  const named = dimensions(row, groupBy, names);
  return {
    ...Object.fromEntries(ordered(groupBy).map((name) => [name, named[name]])),
    calls: row.calls,
    failed: row.failed,
    cancelled: row.cancelled,
    rejected: row.rejected,
    input: tokens(row, row.inputUncached),
    cached: tokens(row, row.inputCached),
    written: tokens(row, row.cacheWrite),
    output: tokens(row, row.output),
    reasoning: tokens(row, row.reasoning),
    total: tokens(row, row.totalTokens),
    cost_usd: costWords(row),
    not_summed: lacks(row),
  };
}

const dimensions = (row: UsageRow, groupBy: readonly UsageDimension[], names: Names): Cells =>
  Object.fromEntries(ordered(groupBy).flatMap((name) => Object.entries(dimension(row, name, names))));

function dimension(row: UsageRow, name: UsageDimension, names: Names): Cells {
  switch (name) {
    case 'key':
      return { key: row.keyId && names.key(row.keyId), key_id: row.keyId };
    case 'pool':
      return { pool: row.poolId && names.pool(row.poolId), pool_id: row.poolId };
    case 'account':
      return { account: row.accountId ? names.account(row.accountId) : null, account_id: row.accountId };
    case 'model':
      return { model: row.model === '' ? null : row.model };
    default:
      return { [name]: row[name] };
  }
}

/** Whether no call of the row is known to have used anything, and some may have. */
const nothingKnown = ({ unknownUsage, totalTokens }: UsageRow): boolean => unknownUsage > 0 && totalTokens === 0;

const tokens = (row: UsageRow, count: number): Field => (nothingKnown(row) ? UNKNOWN : count);

const costStatus = (row: UsageRow): string =>
  row.costNanoUsd === 0n && nothingKnown(row) ? UNKNOWN : costCoverage(row);

function costWords(row: UsageRow): string {
  const status = costStatus(row);
  return status === UNKNOWN || status === UNPRICED ? status : usdOf(row.costNanoUsd);
}

/** Of the calls that no sum has: how many, and why. */
const lacks = ({ unknownUsage, unpriced }: UsageRow): Field =>
  [unknownUsage > 0 ? `${unknownUsage} ${UNKNOWN}` : '', unpriced > 0 ? `${unpriced} ${UNPRICED}` : '']
    .filter((word) => word !== '')
    .join(', ') || undefined;
