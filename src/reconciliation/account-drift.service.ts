import { Injectable } from '@nestjs/common';
import { AccountWindows, type AccountQuota } from '../upstream/index.js';
import type { AccountReconciliation } from './account-reconciliation.entity.js';
import { ReconciliationRepository } from './reconciliation.repository.js';

/** An account, and how its windows were last found. */
export interface AccountDrift {
  readonly account: Pick<AccountQuota, 'id' | 'label' | 'kind' | 'plan'>;
  readonly windows: readonly AccountReconciliation[];
}

/** What was found, for who shows it. */
@Injectable()
export class AccountDrifts {
  constructor(
    private readonly accounts: AccountWindows,
    private readonly rows: ReconciliationRepository,
  ) {}

  /** All accounts, those of which nothing is known as well. */
  async all(): Promise<{ readonly atMs: number; readonly drifts: readonly AccountDrift[] }> {
    const [accounts, found] = await Promise.all([this.accounts.all(), this.rows.latest()]);
    const windowsOf = ({ id }: AccountQuota) => found.filter(({ accountId }) => accountId === id);
    return { atMs: Date.now(), drifts: accounts.map((account) => ({ account, windows: windowsOf(account) })) };
  }
}
