import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AccountLifecycle, AccountService, type AccountAction, type AccountSummary } from '../../upstream/index.js';
import { ControlError } from '../control-error.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { pageIn, pageOf, PAGE_INPUT } from '../page.js';
import { ACCOUNT_STATUSES, accountView, type AccountView } from '../views/account-view.js';
import { AccountReach } from './account-reach.service.js';
import { refusedInWords } from './account-refusals.js';
import { ACCOUNT, accountTarget, LABEL, POOL } from './account-target.js';

const CHANGES = {
  label: LABEL.optional(),
  maxConcurrent: z.int().min(1).max(100_000).nullable().optional().describe('calls at once; null: no limit of its own'),
};

const ACTIONS: Readonly<Record<Exclude<AccountAction, 'delete'>, string>> = {
  pause: 'Send nothing through an account any more, in no Pool',
  resume: 'Let a paused or draining account serve again, and forget what was held against it',
  drain: 'Let an account finish what sessions have begun with it, and give it nothing new',
};

/** Accounts: which there are, and what becomes of each as a whole. */
@Injectable()
export class AccountOperations extends OperationSet {
  constructor(
    private readonly reach: AccountReach,
    private readonly accounts: AccountService,
    private readonly lifecycle: AccountLifecycle,
  ) {
    super();
  }

  private readonly reads: readonly Operation[] = [
    operation({
      name: 'accounts.list',
      summary: 'Accounts that serve the Pools that the token may see, oldest first',
      method: 'GET',
      path: '/accounts',
      scope: 'read',
      input: z.object({
        pool: POOL.optional(),
        status: z.enum(ACCOUNT_STATUSES).optional(),
        kind: z.string().min(1).max(100).optional(),
        query: z.string().trim().min(1).max(100).optional().describe('a part of the label'),
        ...PAGE_INPUT,
      }),
      output: pageOf(accountView),
      run: async ({ pool, status, kind, query, ...page }, call) => {
        const poolId = pool === undefined ? undefined : (await this.reach.pool(pool, call)).id;
        const found = (await this.reach.all(call, poolId)).filter(
          (account) =>
            (status === undefined || account.status === status) &&
            (kind === undefined || account.kind === kind) &&
            (query === undefined || account.label.toLowerCase().includes(query.toLowerCase())),
        );
        const { items, ...rest } = pageIn(found, page, byAge);
        return { items: await this.reach.views(items, call), ...rest };
      },
    }),
    operation({
      name: 'accounts.get',
      summary: 'One account',
      method: 'GET',
      path: '/accounts/{account}',
      scope: 'read',
      input: z.object({ account: ACCOUNT }),
      output: accountView,
      run: ({ account }, call) => this.shown(account, call),
    }),
  ];

  private readonly update = operation({
    name: 'accounts.update',
    summary: "Change an account's name, or how many calls it serves at once",
    method: 'PATCH',
    path: '/accounts/{account}',
    scope: 'accounts:write',
    input: z.object({ account: ACCOUNT, ...CHANGES }),
    output: accountView,
    change: {
      action: 'account.set',
      target: ({ account }, _, before) => accountTarget(account, before),
      thing: { view: accountView, read: ({ account }, call) => this.shown(account, call) },
    },
    run: async ({ account, label, maxConcurrent }, call) => {
      const { id } = await this.reach.whole(account, call);
      if (label === undefined && maxConcurrent === undefined) {
        throw new ControlError('invalid_input', 'Say what to set.');
      }
      if (label !== undefined) await refusedInWords(this.accounts.rename(id, label));
      if (maxConcurrent !== undefined) await this.accounts.limit(id, maxConcurrent);
      return this.shown(id, call);
    },
  });

  private readonly remove = operation({
    name: 'accounts.delete',
    summary: 'Wipe the login of an account and take it out of every Pool, for good',
    method: 'DELETE',
    path: '/accounts/{account}',
    scope: 'accounts:write',
    input: z.object({ account: ACCOUNT }),
    output: z.object({ id: z.uuid(), label: z.string(), status: z.literal('deleted') }),
    change: {
      action: 'account.delete',
      target: ({ account }, _, before) => accountTarget(account, before),
      thing: { view: accountView, read: ({ account }, call) => this.shown(account, call) },
      destructive: true,
      effects: ({ account }, call) => this.effects('delete', account, call),
    },
    run: async ({ account }, call) => {
      const { id, label } = await this.reach.whole(account, call);
      await refusedInWords(this.lifecycle.delete(id));
      return { id, label, status: 'deleted' as const };
    },
  });

  readonly operations: readonly Operation[] = [
    ...this.reads,
    this.update,
    ...(['pause', 'resume', 'drain'] as const).map((action) => this.acting(action)),
    this.remove,
  ];

  private acting(action: keyof typeof ACTIONS): Operation {
    return operation({
      name: `accounts.${action}`,
      summary: ACTIONS[action],
      method: 'POST',
      path: `/accounts/{account}/${action}`,
      scope: 'accounts:write',
      input: z.object({ account: ACCOUNT }),
      output: accountView,
      change: {
        action: `account.${action}`,
        target: ({ account }, _, before) => accountTarget(account, before),
        thing: { view: accountView, read: ({ account }, call) => this.shown(account, call) },
        destructive: true,
        effects: ({ account }, call) => this.effects(action, account, call),
      },
      run: async ({ account }, call) => {
        const { id } = await this.reach.whole(account, call);
        await refusedInWords(this.lifecycle[action](id));
        return this.shown(id, call);
      },
    });
  }

  private async shown(given: string, call: OperationCall): Promise<AccountView> {
    return this.reach.view(await this.reach.account(given, call), call);
  }

  /** @throws ControlError when it could not be done at all */
  private async effects(action: AccountAction, given: string, call: OperationCall): Promise<readonly string[]> {
    const account = await this.reach.whole(given, call);
    await refusedInWords(this.lifecycle.check(account.id, action));
    if (action === 'resume') return ['Cooldowns and open circuits of the account are forgotten.'];
    const { openCalls, pools } = await this.reach.view(account, call);
    const alone = account.status === 'active' ? await this.reach.leftAlone(account.id, account.poolIds) : [];
    return [
      ...LOSSES[action],
      ...(action === 'delete' && pools.length > 0 ? [`It leaves ${named(pools.map(({ pool }) => pool))}.`] : []),
      ...(openCalls > 0 ? [`${openCalls} calls that it is serving now go on to their end.`] : []),
      ...(alone.length > 0 ? [`No other active account serves ${named(alone)}.`] : []),
    ];
  }
}

const LOSSES: Readonly<Record<Exclude<AccountAction, 'resume'>, readonly string[]>> = {
  pause: ['Nothing is sent through it any more, also of conversations that began with it.'],
  drain: ['Conversations that began with it go on with it; nothing else comes.'],
  delete: ['Its login is wiped, for good.'],
};

const named = (slugs: readonly string[]): string => `${slugs.length === 1 ? 'Pool' : 'Pools'} ${slugs.join(', ')}`;

/** Accounts are made one after the other: their ids tell apart those of one millisecond. */
const byAge = ({ createdAtMs, id }: AccountSummary): string => `${new Date(createdAtMs).toISOString()} ${id}`;
