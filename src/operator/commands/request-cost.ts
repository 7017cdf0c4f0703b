import type { LoggedRequest } from '../../accounting/index.js';
import { totalTokens, usdOf, type CostStatus } from '../../core/index.js';

type Entry = LoggedRequest['ledger'];

/** Why a call has no sum of money: said, never zero. */
const WORDS: Readonly<Record<Exclude<CostStatus, 'priced' | 'estimated'>, string>> = {
  unpriced: 'unpriced',
  unknown: 'unknown',
  none: '0.00',
};

/** In USD; `undefined` while the call is in flight. */
export function costOfEntry(entry: Entry): string | undefined {
  if (!entry) return undefined;
  const { status, nanoUsd } = entry.cost;
  return status === 'priced' || status === 'estimated' ? usdOf(nanoUsd ?? 0) : WORDS[status];
}

/** All of them; `undefined` while the call is in flight. */
export function tokensOfEntry(entry: Entry): number | string | undefined {
  if (!entry) return undefined;
  if (entry.usage) return totalTokens(entry.usage);
  return entry.cost.status === 'none' ? 0 : 'unknown';
}
