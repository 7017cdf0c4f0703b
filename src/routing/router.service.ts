import { Injectable } from '@nestjs/common';
import { OPERATIONS, type AccountId, type Principal, type RoutedCall } from '../core/index.js';
import { AccountPoolService } from '../upstream/index.js';
import { AffinityService } from './affinity.service.js';
import { chooseAccount, type Choice, type Pin } from './choose-account.js';

/** Snapshot + affinity + policy → the accounts to try, and why the others are out. */
@Injectable()
export class RouterService {
  constructor(
    private readonly accounts: AccountPoolService,
    private readonly affinity: AffinityService,
  ) {}

  async route(call: RoutedCall, caller: Principal): Promise<Choice> {
    const [accounts, last] = await Promise.all([
      this.accounts.snapshot(caller.pool.id),
      this.affinity.lastAccount(call, caller),
    ]);
    return chooseAccount(accounts, call, caller.pool, pinOf(call, last), Date.now());
  }
}

/** What the call itself names comes before what its session did last. */
function pinOf({ account, operation }: RoutedCall, last: AccountId | undefined): Pin | undefined {
  const { bound } = OPERATIONS[operation];
  if (account) return { id: account.id, required: account.required || bound };
  return last === undefined ? undefined : { id: last, required: bound };
}
