import { Injectable } from '@nestjs/common';
import { OPERATIONS, type AccountId, type Principal, type RoutedCall } from '../core/index.js';
import { AccountPoolService, UploadedFiles } from '../upstream/index.js';
import { AffinityService } from './affinity.service.js';
import { chooseAccount, type Choice, type Pin } from './choose-account.js';
import { fileHolder } from './file-holder.js';
import { requireAllowedModel } from './model-policy.js';

/** Snapshot + affinity + files + policy → the accounts to try, and why the others are out. */
@Injectable()
export class RouterService {
  constructor(
    private readonly accounts: AccountPoolService,
    private readonly affinity: AffinityService,
    private readonly files: UploadedFiles,
  ) {}

  /** @throws GatewayError when the key may not use the model, or the call refers to files that it cannot have, or not together */
  async route(call: RoutedCall, caller: Principal): Promise<Choice> {
    requireAllowedModel(call, caller);
    const holder = await this.holderOf(call, caller);
    const [accounts, last] = await Promise.all([
      this.accounts.snapshot(caller.pool.id),
      this.affinity.lastAccount(call, caller),
    ]);
    const choice = chooseAccount(accounts, call, caller.pool, pinOf(call, holder, last), Date.now());
    return holder === undefined ? choice : heldTo(call.account, holder, choice);
  }

  private async holderOf({ files }: RoutedCall, caller: Principal): Promise<AccountId | undefined> {
    if (files === undefined || files.length === 0) return undefined;
    return fileHolder(files, await this.files.ownedBy(caller, files, Date.now()));
  }
}

/** Who holds the files comes first, then what the call itself names, then what its session did last. */
function pinOf(
  { account, operation }: RoutedCall,
  holder: AccountId | undefined,
  last: AccountId | undefined,
): Pin | undefined {
  const { bound } = OPERATIONS[operation];
  if (holder !== undefined) return { id: holder, required: true };
  if (account) return { id: account.id, required: account.required || bound };
  return last === undefined ? undefined : { id: last, required: bound };
}

/** A call that goes on from one account with files of another: nobody has both, and asked for in full it needs one. */
function heldTo(account: RoutedCall['account'], holder: AccountId, choice: Choice): Choice {
  if (account?.required !== true || account.id === holder) return choice;
  return { ...choice, candidates: [], required: account.id, elsewhere: choice.candidates.length > 0 };
}
