import { z } from 'zod';
import { costCoverage, type UsageRow } from '../../accounting/index.js';
import { usdOf } from '../../core/index.js';
import type { LedgerNames } from '../ledger-names.js';
import { pageOf } from '../page.js';

const count = z.int().min(0);
const tokens = count.nullable().describe('null: unknown');

/** What the calls of one group came to. Of what it is of: as far as rows were asked for by that. */
export const usageRowView = z.object({
  day: z.iso.date().optional(),
  hour: z.iso.datetime().optional(),
  poolId: z.uuid().optional(),
  pool: z.string().optional().describe('slug'),
  keyId: z.uuid().optional(),
  key: z.string().optional().describe('label'),
  accountId: z.uuid().nullable().optional().describe('null: calls that were given to no account'),
  account: z.string().nullable().optional().describe('label'),
  model: z.string().nullable().optional(),
  calls: count,
  succeeded: count,
  failed: count,
  cancelled: count,
  rejected: count,
  unknownUsage: count.describe('calls of which nobody said what they used'),
  unpriced: count.describe('calls that used what nobody knows the price of'),
  inputUncached: tokens,
  inputCached: tokens,
  cacheWrite: tokens,
  output: tokens,
  reasoning: tokens,
  totalTokens: tokens,
  estimatedInput: count,
  estimatedOutput: count,
  costUsd: z.string().nullable().describe('at list prices; null: unknown, or no call has a price'),
  costStatus: z.enum(['priced', 'partial', 'unpriced', 'unknown']),
  meteredUsd: z.string().describe('the part of it that is paid for by itself'),
});

/** Rows of one question, and how sure their sums are. */
export const usageReportView = pageOf(usageRowView).extend({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  finishedDays: z.int().describe('of the days of the report those that are over'),
  comparedDays: z.int().describe('of those the ones whose sums were compared with the ledger'),
});

export type UsageRowView = z.output<typeof usageRowView>;

export function usageRowViewOf(row: UsageRow, names: LedgerNames): z.input<typeof usageRowView> {
  const isUnknown = nothingKnown(row);
  const known = (value: number): number | null => (isUnknown ? null : value);
  const costStatus = row.costNanoUsd === 0n && isUnknown ? 'unknown' : costCoverage(row);
  return {
    ...groupOf(row, names),
    calls: row.calls,
    succeeded: row.succeeded,
    failed: row.failed,
    cancelled: row.cancelled,
    rejected: row.rejected,
    unknownUsage: row.unknownUsage,
    unpriced: row.unpriced,
    inputUncached: known(row.inputUncached),
    inputCached: known(row.inputCached),
    cacheWrite: known(row.cacheWrite),
    output: known(row.output),
    reasoning: known(row.reasoning),
    totalTokens: known(row.totalTokens),
    estimatedInput: row.estimatedInput,
    estimatedOutput: row.estimatedOutput,
    costUsd: costStatus === 'unknown' || costStatus === 'unpriced' ? null : usdOf(row.costNanoUsd),
    costStatus,
    meteredUsd: usdOf(row.meteredNanoUsd),
  };
}

function groupOf({ day, hour, poolId, keyId, accountId, model }: UsageRow, names: LedgerNames) {
  return {
    ...(day === undefined ? {} : { day }),
    ...(hour === undefined ? {} : { hour }),
    ...(poolId === undefined ? {} : { poolId, pool: names.pool(poolId) }),
    ...(keyId === undefined ? {} : { keyId, key: names.key(keyId) }),
    ...(accountId === undefined ? {} : { accountId, account: accountId && names.account(accountId) }),
    ...(model === undefined ? {} : { model: model === '' ? null : model }),
  };
}

/** Whether no call of the row is known to have used anything, and some may have. */
const nothingKnown = ({ unknownUsage, totalTokens }: UsageRow): boolean => unknownUsage > 0 && totalTokens === 0;
