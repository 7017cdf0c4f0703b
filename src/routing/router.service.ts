import { Injectable } from '@nestjs/common';
import type { Principal, RoutedCall } from '../core/index.js';
import { AccountPoolService } from '../upstream/index.js';
import { AffinityService } from './affinity.service.js';
import { chooseAccount, type Choice } from './choose-account.js';

/** Snapshot + affinity + policy → the accounts to try, and why the others are out. */
@Injectable()
export class RouterService {
  constructor(
    private readonly accounts: AccountPoolService,
    private readonly affinity: AffinityService,
  ) {}

  async route(call: RoutedCall, caller: Principal): Promise<Choice> {
    const [accounts, pinned] = await Promise.all([
      this.accounts.snapshot(caller.pool.id),
      this.affinity.lastAccount(call, caller),
    ]);
    return chooseAccount(accounts, call, caller.pool, pinned, Date.now());
  }
}
