import { Injectable } from '@nestjs/common';
import { RequestLogService } from '../../accounting/index.js';
import { PoolService, type Pool } from '../../auth/index.js';
import type { AccountId, PoolId } from '../../core/index.js';
import { AccountOwners, AccountService, type AccountSummary } from '../../upstream/index.js';
import { sees, type Actor } from '../actor.js';
import { ControlError } from '../control-error.js';
import { poolsOf } from '../ledger-filters.service.js';
import type { OperationCall } from '../operation.js';
import { accountViewOf, type AccountView } from '../views/account-view.js';
import { NamedThings } from './named-things.service.js';

type Asker = Pick<OperationCall, 'actor'>;

/** Which accounts an actor has to do with, and what it is shown of them. */
@Injectable()
export class AccountReach {
  constructor(
    private readonly accounts: AccountService,
    private readonly owners: AccountOwners,
    private readonly named: NamedThings,
    private readonly pools: PoolService,
    private readonly log: RequestLogService,
  ) {}

  /** All accounts that serve a Pool of the actor's, oldest first. @param poolId only those of this Pool */
  async all({ actor }: Asker, poolId?: PoolId): Promise<readonly AccountSummary[]> {
    return (await this.accounts.list(poolId)).filter((account) => isSeen(actor, account));
  }

  /** @param given id or label @throws ControlError `not_found`, also when the actor may not see it */
  async account(given: string, { actor }: Asker): Promise<AccountSummary> {
    const found = (await this.accounts.findById(given)) ?? (await this.accounts.findByLabel(given));
    if (found === undefined || !isSeen(actor, found)) {
      throw new ControlError('not_found', `There is no account "${given}".`);
    }
    return found;
  }

  /**
   * The same, for what changes it in every Pool that it serves.
   *
   * @throws ControlError `forbidden` when it serves Pools as well that the actor has nothing to do with
   */
  async whole(given: string, call: Asker): Promise<AccountSummary> {
    const found = await this.account(given, call);
    if (found.assignments.every(({ poolId }) => sees(call.actor, poolId))) return found;
    throw new ControlError(
      'forbidden',
      `Account "${found.label}" serves other Pools as well: the token can change its place in its own Pools only.`,
    );
  }

  /** @throws ControlError `not_found`, also when the actor may not see it */
  pool(slug: string, call: Asker): Promise<Pool> {
    return this.named.pool(slug, call);
  }

  async view(account: AccountSummary, call: Asker): Promise<AccountView> {
    const [view] = await this.views([account], call);
    if (view === undefined) throw new Error('An account has a view.');
    return view;
  }

  async views(accounts: readonly AccountSummary[], { actor }: Asker): Promise<AccountView[]> {
    const [emails, open, pools] = await Promise.all([
      this.owners.emails(accounts.map(({ id }) => id)),
      this.log.openCalls(poolsOf(actor)),
      this.pools.listPools(),
    ]);
    const seen = new Map(pools.filter(({ id }) => sees(actor, id)).map((pool) => [pool.id, pool]));
    return accounts.map((account) => {
      const { id } = account;
      return accountViewOf(account, { email: emails.get(id), openCalls: open.get(id) ?? 0, pools: seen });
    });
  }

  /** What would have fewer accounts if this one served no more: the Pools where nothing else is active. */
  async leftAlone(id: AccountId, poolIds: readonly PoolId[]): Promise<readonly string[]> {
    const [accounts, pools] = await Promise.all([this.accounts.list(), this.pools.listPools()]);
    const serving = accounts.filter((account) => account.id !== id && account.status === 'active');
    const alone = poolIds.filter((poolId) => !serving.some((account) => account.poolIds.includes(poolId)));
    return pools.filter((pool) => alone.includes(pool.id)).map(({ slug }) => slug);
  }
}

/** Those that serve no Pool are for those who see all. */
const isSeen = (actor: Actor, { assignments }: AccountSummary): boolean =>
  sees(actor, undefined) || assignments.some(({ poolId }) => sees(actor, poolId));
