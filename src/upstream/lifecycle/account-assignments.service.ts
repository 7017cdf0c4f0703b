import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId, PoolId } from '../../core/index.js';
import { AccountChanges } from '../account-changes.service.js';
import type { AssignmentStatus } from '../pool-account.entity.js';
import { ASSIGN, CHANGE_ASSIGNMENT, UNASSIGN } from './assignment-sql.js';

export interface AssignmentChange {
  readonly status?: AssignmentStatus;
  /** Its tier: 0 first. */
  readonly priority?: number;
}

type Changed = [readonly { account_id: AccountId }[], number];

/** Which Pools an account serves, and how. */
@Injectable()
export class AccountAssignments {
  constructor(
    private readonly dataSource: DataSource,
    private readonly changes: AccountChanges,
  ) {}

  /** Let the account serve the Pool; one that does already stays as it is. @param priority absent: 0, or as it is */
  async assign(poolId: PoolId, accountId: AccountId, priority?: number): Promise<void> {
    await this.dataSource.query(ASSIGN, [poolId, accountId, priority ?? null]);
    this.changes.announce(accountId);
  }

  /** @returns false when the account does not serve the Pool */
  change(poolId: PoolId, accountId: AccountId, { status, priority }: AssignmentChange): Promise<boolean> {
    return this.run(CHANGE_ASSIGNMENT, accountId, [poolId, accountId, status ?? null, priority ?? null]);
  }

  /** @returns false when the account did not serve the Pool */
  remove(poolId: PoolId, accountId: AccountId): Promise<boolean> {
    return this.run(UNASSIGN, accountId, [poolId, accountId]);
  }

  private async run(sql: string, accountId: AccountId, parameters: unknown[]): Promise<boolean> {
    const [, count] = await this.dataSource.query<Changed>(sql, parameters);
    if (count > 0) this.changes.announce(accountId);
    return count > 0;
  }
}
