import type { AccountId } from '../../core/index.js';
import type { AccountSnapshot } from '../../upstream/index.js';

/** The accounts as a snapshot gave them, with how many calls each serves over all replicas. */
export const withOpenCounts = (
  accounts: readonly AccountSnapshot[],
  counts: ReadonlyMap<AccountId, number>,
): AccountSnapshot[] =>
  accounts.map((account) => ({ ...account, openExchanges: counts.get(account.id) ?? account.openExchanges }));
