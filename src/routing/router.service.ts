import { Injectable } from '@nestjs/common';
import type { AccountId, Principal, RoutedCall } from '../core/index.js';
import { AccountPoolService, UploadedFiles, type AccountSnapshot } from '../upstream/index.js';
import { AccountLeases } from './admission/account-leases.service.js';
import type { Admitted } from './admission/admitted.js';
import { withOpenCounts } from './admission/open-counts.js';
import { ContinuityService } from './continuity/continuity.service.js';
import type { Holders, Known } from './continuity/known.js';
import { pinOf, rivalOf } from './continuity/pin.js';
import type { Decision, Pin } from './decision.js';
import { fileHolder } from './file-holder.js';
import { KeyPolicyService, type Ruled } from './key-policy.service.js';
import { requireAllowedModel } from './model-policy.js';
import { route } from './policy/route.js';
import { routingCall } from './routing-call.js';

/** How far a call has come. */
export interface Way {
  /** Of what it goes on from. */
  readonly known: Known;
  /** Its own places do not count against it. */
  readonly admitted?: Admitted;
  /** The accounts that it was sent to already. */
  readonly tried?: ReadonlySet<AccountId>;
}

export interface Routed {
  readonly decision: Decision;
  /** All of the Pool's, as they were looked at. */
  readonly accounts: readonly AccountSnapshot[];
}

/** What is known of a Pool now, and of what a call goes on from, made into a decision. Changes nothing. */
@Injectable()
export class RouterService {
  constructor(
    private readonly accounts: AccountPoolService,
    private readonly files: UploadedFiles,
    private readonly leases: AccountLeases,
    private readonly continuity: ContinuityService,
    private readonly policy: KeyPolicyService,
  ) {}

  /** The call as its key lets it go on, and what it is refused for if it may not. */
  ruled(call: RoutedCall, caller: Principal): Promise<Ruled> {
    return this.policy.ruled(call, caller);
  }

  /** @throws GatewayError when the key may not use the model, or the call refers to files that it cannot have, or not together */
  async route(call: RoutedCall, caller: Principal, { known, admitted, tried }: Way): Promise<Routed> {
    requireAllowedModel(call, caller);
    const [accounts, files] = await Promise.all([this.accountsOf(caller, admitted), this.holderOf(call, caller)]);
    const ids = new Set(accounts.map(({ id }) => id));
    const holders: Holders = {
      ...able(known, call, accounts),
      accounts: ids,
      ...(files === undefined ? {} : { files }),
    };
    const { routing } = caller.pool;
    const wanted = routingCall(call, caller, pinOf(call, holders, routing));
    const decision = route({ accounts, pool: caller.pool }, { ...wanted, ...(tried ? { tried } : {}) }, Date.now());
    const rival = rivalOf(call, holders, routing);
    return { decision: rival ? heldApart(decision, rival) : decision, accounts };
  }

  /** The decision as it would be now, for a call that is not made. @throws GatewayError as `route` does, and for what its key refuses */
  async explained(asked: RoutedCall, caller: Principal): Promise<Decision> {
    const { call, refusal } = await this.ruled(asked, caller);
    if (refusal) throw refusal;
    const known = await this.continuity.known(call, caller, Date.now());
    return (await this.route(call, caller, { known })).decision;
  }

  private async accountsOf({ pool }: Principal, admitted: Admitted | undefined): Promise<AccountSnapshot[]> {
    const accounts = await this.accounts.snapshot(pool.id);
    const ids = accounts.map(({ id }) => id);
    return withOpenCounts(accounts, this.leases.counts(ids, admitted));
  }

  private async holderOf({ files }: RoutedCall, caller: Principal): Promise<AccountId | undefined> {
    if (files === undefined || files.length === 0) return undefined;
    return fileHolder(files, await this.files.ownedBy(caller, files, Date.now()));
  }
}

/** Nobody goes on with an account whose upstream has no such operation, however long its session was there. */
function able(known: Known, { operation }: RoutedCall, accounts: readonly AccountSnapshot[]): Known {
  const home = accounts.find(({ id }) => id === known.home?.id);
  return home?.operations?.has(operation) === false ? { minted: known.minted } : known;
}

/** A call that two accounts would have to serve: nobody has both, and asked for in full it needs only one. */
const heldApart = (decision: Decision, pin: Pin): Decision => ({
  ...decision,
  pin,
  candidates: [],
  reserve: [],
  elsewhere: decision.candidates.length > 0,
});
