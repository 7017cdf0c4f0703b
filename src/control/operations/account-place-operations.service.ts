import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Pool } from '../../auth/index.js';
import { AccountAssignments, type AccountSummary } from '../../upstream/index.js';
import { ControlError } from '../control-error.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { accountView, type AccountView } from '../views/account-view.js';
import { AccountReach } from './account-reach.service.js';
import { ACCOUNT, accountTarget, POOL, PRIORITY } from './account-target.js';

const PLACE = z.object({ account: ACCOUNT, pool: POOL });

interface Named {
  readonly account: string;
  readonly pool: string;
}

const path = '/accounts/{account}/pools/{pool}';

/** Which Pools an account serves, and how it stands there. Whoever is bound to Pools can change it in those. */
@Injectable()
export class AccountPlaceOperations extends OperationSet {
  constructor(
    private readonly reach: AccountReach,
    private readonly assignments: AccountAssignments,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'accounts.assign',
      summary: 'Let an account serve one more Pool; in one that it serves already it stays as it is',
      method: 'PUT',
      path,
      scope: 'accounts:write',
      input: PLACE.extend({ priority: PRIORITY.optional() }),
      output: accountView,
      change: this.change('account.assign'),
      run: async ({ account, pool, priority }, call) => {
        const { id } = await this.reach.account(account, call);
        const found = await this.reach.pool(pool, call);
        await this.assignments.assign(found.id, id, priority);
        return this.shown(id, call);
      },
    }),
    operation({
      name: 'accounts.updatePlace',
      summary: 'Set the tier of an account in a Pool that it serves',
      method: 'PATCH',
      path,
      scope: 'accounts:write',
      input: PLACE.extend({ priority: PRIORITY }),
      output: accountView,
      change: this.change('account.set'),
      run: ({ priority, ...named }, call) =>
        this.changed(named, call, (pool, { id }) => this.assignments.change(pool.id, id, { priority })),
    }),
    this.acting('pause', 'paused', 'Send nothing of a Pool through an account any more'),
    this.acting('resume', 'active', 'Let an account serve a Pool again in which it was paused'),
    operation({
      name: 'accounts.unassign',
      summary: 'Take an account out of a Pool',
      method: 'DELETE',
      path,
      scope: 'accounts:write',
      input: PLACE,
      output: z.object({ id: z.uuid(), label: z.string(), pool: POOL, assigned: z.literal(false) }),
      change: {
        ...this.change('account.unassign'),
        destructive: true,
        effects: (named, call) => this.effects(named, call),
      },
      run: async (named, call) => {
        const { id, label } = await this.reach.account(named.account, call);
        const pool = await this.reach.pool(named.pool, call);
        if (!(await this.assignments.remove(pool.id, id))) throw notIn(label, pool.slug);
        return { id, label, pool: pool.slug, assigned: false as const };
      },
    }),
  ];

  private acting(verb: 'pause' | 'resume', status: 'paused' | 'active', summary: string): Operation {
    return operation({
      name: `accounts.${verb}InPool`,
      summary,
      method: 'POST',
      path: `${path}/${verb}`,
      scope: 'accounts:write',
      input: PLACE,
      output: accountView,
      change: {
        ...this.change(`account.${verb}`),
        destructive: true,
        effects: (named, call) => (verb === 'resume' ? Promise.resolve([]) : this.effects(named, call)),
      },
      run: (named, call) =>
        this.changed(named, call, (pool, { id }) => this.assignments.change(pool.id, id, { status })),
    });
  }

  private change(action: string) {
    return {
      action,
      target: ({ account, pool }: Named, _: unknown, before: unknown) =>
        accountTarget(account, before, placeIn(before, pool)),
      thing: {
        view: accountView,
        read: ({ account }: Named, call: OperationCall) => this.shown(account, call),
      },
    };
  }

  private async changed(
    { account, pool: slug }: Named,
    call: OperationCall,
    change: (pool: Pool, account: AccountSummary) => Promise<boolean>,
  ): Promise<AccountView> {
    const found = await this.reach.account(account, call);
    const pool = await this.reach.pool(slug, call);
    if (!(await change(pool, found))) throw notIn(found.label, pool.slug);
    return this.shown(found.id, call);
  }

  private async effects({ account, pool: slug }: Named, call: OperationCall): Promise<readonly string[]> {
    const found = await this.reach.account(account, call);
    const pool = await this.reach.pool(slug, call);
    if (!found.assignments.some(({ poolId }) => poolId === pool.id)) throw notIn(found.label, pool.slug);
    const isServing = found.status === 'active' && found.poolIds.includes(pool.id);
    const alone = isServing ? await this.reach.leftAlone(found.id, [pool.id]) : [];
    return [
      `Nothing of Pool ${pool.slug} is sent through it any more, also of conversations that began with it.`,
      ...(alone.length > 0 ? [`No other active account serves Pool ${pool.slug}.`] : []),
    ];
  }

  private async shown(account: string, call: OperationCall): Promise<AccountView> {
    return this.reach.view(await this.reach.account(account, call), call);
  }
}

/** The Pool's id, of one that it serves. */
function placeIn(before: unknown, slug: string): string | undefined {
  const { data } = accountView.safeParse(before);
  return data?.pools.find(({ pool }) => pool === slug)?.poolId;
}

const notIn = (label: string, pool: string): ControlError =>
  new ControlError('conflict', `Account ${label} is not in Pool ${pool}.`);
