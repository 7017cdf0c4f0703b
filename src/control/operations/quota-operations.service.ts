import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AccountDrifts } from '../../reconciliation/index.js';
import { AccountStates, type AccountSummary } from '../../upstream/index.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { pageIn, pageOf, PAGE_INPUT } from '../page.js';
import { driftView, driftViewOf } from '../views/drift-view.js';
import { quotaView, quotaViewOf, type QuotaView } from '../views/quota-view.js';
import { AccountReach } from './account-reach.service.js';
import { ACCOUNT, POOL } from './account-target.js';

const MODEL = z.string().trim().min(1).max(200).optional().describe('the model whose calls are asked about');

/** What providers say of accounts' quota, and how far that agrees with what went through here. */
@Injectable()
export class QuotaOperations extends OperationSet {
  constructor(
    private readonly reach: AccountReach,
    private readonly states: AccountStates,
    private readonly drifts: AccountDrifts,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'quota.list',
      summary: 'The quota of accounts as their providers told of it, and whether calls can go there',
      method: 'GET',
      path: '/quota',
      scope: 'read',
      input: z.object({
        pool: POOL.optional(),
        model: MODEL,
        plan: z.string().min(1).max(100).optional(),
        freshness: z.enum(['fresh', 'stale', 'unknown']).optional(),
        usable: z.boolean().optional(),
        ...PAGE_INPUT,
      }),
      output: pageOf(quotaView),
      run: async ({ pool, model, plan, freshness, usable, ...page }, call) => {
        const poolId = pool === undefined ? undefined : (await this.reach.pool(pool, call)).id;
        const all = await this.quotas(await this.reach.all(call, poolId), model, call);
        const wanted = all.filter(
          ({ view }) =>
            (plan === undefined || view.plan === plan) &&
            (freshness === undefined || view.freshness === freshness) &&
            (usable === undefined || view.usable === usable),
        );
        const { items, ...rest } = pageIn(wanted, page, ({ key }) => key);
        return { items: items.map(({ view }) => view), ...rest };
      },
    }),
    operation({
      name: 'quota.get',
      summary: 'The quota of one account, with its evidence',
      method: 'GET',
      path: '/quota/{account}',
      scope: 'read',
      input: z.object({ account: ACCOUNT, model: MODEL }),
      output: quotaView,
      run: async ({ account, model }, call) => {
        const found = await this.reach.account(account, call);
        const [quota] = await this.quotas([found], model, call);
        if (quota === undefined) throw await this.gone(found, call);
        return quota.view;
      },
    }),
    operation({
      name: 'accounts.drift',
      summary: 'What providers counted of accounts, and how much of that went through here',
      method: 'GET',
      path: '/account-drift',
      scope: 'read',
      input: z.object({ account: ACCOUNT.optional(), pool: POOL.optional(), ...PAGE_INPUT }),
      output: pageOf(driftView),
      run: async ({ account, pool, ...page }, call) => {
        const poolId = pool === undefined ? undefined : (await this.reach.pool(pool, call)).id;
        const only = account === undefined ? undefined : (await this.reach.account(account, call)).id;
        const keys = keysOf(await this.reach.all(call, poolId));
        const { drifts, atMs } = await this.drifts.all();
        const seen = drifts.flatMap((drift) => {
          const key = keys.get(drift.account.id);
          return key === undefined || (only !== undefined && drift.account.id !== only) ? [] : [{ key, drift }];
        });
        const { items, ...rest } = pageIn(seen, page, ({ key }) => key);
        return { items: items.map(({ drift }) => driftViewOf(drift, atMs)), ...rest };
      },
    }),
  ];

  private async quotas(
    accounts: readonly AccountSummary[],
    model = '',
    { nowMs }: OperationCall,
  ): Promise<{ readonly key: string; readonly view: QuotaView }[]> {
    const states = new Map((await this.states.all(nowMs)).map((state) => [state.id, state]));
    const keys = keysOf(accounts);
    return accounts.flatMap((account) => {
      const state = states.get(account.id);
      const { kind, plan } = account;
      const key = keys.get(account.id);
      if (state === undefined || key === undefined) return [];
      return [{ key, view: quotaViewOf({ ...state, kind, ...(plan === undefined ? {} : { plan }) }, model, nowMs) }];
    });
  }

  /** It was deleted between two questions: then nobody finds it now. */
  private async gone({ label, id }: AccountSummary, call: OperationCall): Promise<Error> {
    await this.reach.account(id, call);
    return new Error(`Account ${label} has no state.`);
  }
}

/** Oldest first. */
const keysOf = (accounts: readonly AccountSummary[]): ReadonlyMap<string, string> =>
  new Map(accounts.map(({ id, createdAtMs }) => [id, `${new Date(createdAtMs).toISOString()} ${id}`]));
