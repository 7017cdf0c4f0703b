import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { LoginFlows, type LoginFlowView, type LoginTarget } from '../../upstream/index.js';
import { sees } from '../actor.js';
import { ControlError } from '../control-error.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { pageIn, pageOf, PAGE_INPUT } from '../page.js';
import { loginView, loginViewOf, type LoginView } from '../views/login-view.js';
import { AccountReach } from './account-reach.service.js';
import { refusedInWords } from './account-refusals.js';
import { ACCOUNT, LABEL, POOL } from './account-target.js';

const LOGIN = z.object({ login: z.string().min(1).max(100).describe('id of the login') });

const WHO = z.object({
  label: LABEL.optional().describe('name of the account to be; goes with pool'),
  pool: POOL.optional().describe('the Pool that it is to serve; a token that is bound to Pools has to name one'),
  account: ACCOUNT.optional().describe('in place of both: give this account a new login of the same person'),
});

type Who = z.output<typeof WHO>;

/** Whoever has them can sign in as somebody else in the place of the one who should. */
const SECRETS = ['authorizeUrl', 'userCode', 'callback'];

const CALLBACK_CHARS = 8_192;

/** Logins of accounts with their provider, in a browser or by a code; any client goes on with them by their id. */
@Injectable()
export class LoginOperations extends OperationSet {
  constructor(
    private readonly reach: AccountReach,
    private readonly flows: LoginFlows,
  ) {
    super();
  }

  private readonly reads: readonly Operation[] = [
    operation({
      name: 'logins.list',
      summary: 'Logins that are not over, oldest first, without the addresses to sign in at',
      method: 'GET',
      path: '/logins',
      scope: 'accounts:write',
      input: z.object(PAGE_INPUT),
      output: pageOf(loginView),
      run: async (page, call) => {
        const all = await this.flows.list();
        const seen = await Promise.all(all.map((flow) => this.isSeen(flow, call)));
        const mine = all.filter((_, at) => seen[at] === true).map(loginViewOf);
        return pageIn(mine, page, ({ createdAt, id }) => `${createdAt} ${id}`);
      },
    }),
    operation({
      name: 'logins.get',
      summary: 'How a login is going; of one by code the provider is asked, when it is time',
      method: 'GET',
      path: '/logins/{login}',
      scope: 'accounts:write',
      input: LOGIN,
      output: loginView,
      run: async ({ login }, call) => {
        await this.found(login, call);
        const polled = await this.flows.poll(login);
        if (polled === undefined) throw noLogin();
        return loginViewOf(polled);
      },
    }),
  ];

  readonly operations: readonly Operation[] = [
    ...this.reads,
    this.starting('browser', 'Begin a login in a browser: what that ends at goes to logins.complete'),
    this.starting('device', 'Begin a login by a code that somebody types on any device; a worker sees it through'),
    operation({
      name: 'logins.complete',
      summary: 'End a login in a browser with the address that it came to',
      method: 'POST',
      path: '/logins/{login}/complete',
      scope: 'accounts:write',
      input: LOGIN.extend({
        callback: z.string().min(1).max(CALLBACK_CHARS).describe('the address at localhost:1455, which shows nothing'),
      }),
      output: loginView,
      change: this.change('account.login.complete'),
      run: async ({ login, callback }, call) => {
        await this.found(login, call);
        return loginViewOf(await refusedInWords(this.flows.complete(callback, { id: login })));
      },
    }),
    operation({
      name: 'logins.cancel',
      summary: 'Give up a login',
      method: 'POST',
      path: '/logins/{login}/cancel',
      scope: 'accounts:write',
      input: LOGIN,
      output: loginView,
      change: { ...this.change('account.login.cancel'), destructive: true },
      run: async ({ login }, call) => {
        await this.found(login, call);
        return loginViewOf(await refusedInWords(this.flows.cancel(login)));
      },
    }),
  ];

  private starting(kind: 'browser' | 'device', summary: string): Operation {
    return operation({
      name: `logins.${kind}`,
      summary,
      method: 'POST',
      path: `/logins/${kind}`,
      scope: 'accounts:write',
      status: 201,
      input: WHO,
      output: loginView,
      change: {
        action: 'account.login',
        creates: true,
        target: ({ label, account }, output) => targetOf(output, label ?? account),
        secrets: SECRETS,
      },
      run: async (who, call) => {
        const target = await this.target(who, call);
        const begun = kind === 'browser' ? this.flows.startBrowser(target) : this.flows.startDevice(target);
        return loginViewOf(await refusedInWords(begun));
      },
    });
  }

  private change(action: string) {
    return {
      action,
      target: (_: unknown, __: unknown, before: unknown) => targetOf(loginView.safeParse(before).data),
      thing: {
        view: loginView,
        read: async ({ login }: z.output<typeof LOGIN>, call: OperationCall) =>
          loginViewOf(await this.found(login, call)),
      },
      secrets: SECRETS,
    };
  }

  private async target({ label, pool, account }: Who, call: OperationCall): Promise<LoginTarget> {
    if ((label === undefined) === (account === undefined) || (account !== undefined && pool !== undefined)) {
      throw new ControlError('invalid_input', 'Give a label, with the Pool, or the account that is to be relinked.');
    }
    if (account !== undefined) return { relink: (await this.reach.whole(account, call)).id };
    if (pool === undefined && !sees(call.actor, undefined)) {
      throw new ControlError('forbidden', 'The token is bound to Pools: name the Pool that the account is to serve.');
    }
    const within = call.actor.poolIds === undefined ? {} : { within: call.actor.poolIds };
    if (pool === undefined) return { label: label ?? '', ...within };
    return { label: label ?? '', poolId: (await this.reach.pool(pool, call)).id, ...within };
  }

  /** @throws ControlError `not_found`, also when the actor may not see it */
  private async found(id: string, call: OperationCall): Promise<LoginFlowView> {
    const flow = await this.flows.get(id);
    if (flow === undefined || !(await this.isSeen(flow, call))) throw noLogin();
    return flow;
  }

  /** Those of accounts that the actor may change as a whole, and of accounts to be for its Pools. */
  private async isSeen({ accountId, poolId }: LoginFlowView, call: OperationCall): Promise<boolean> {
    if (accountId === undefined || sees(call.actor, undefined)) return sees(call.actor, poolId);
    return this.reach.whole(accountId, call).then(
      () => true,
      (thrown: unknown) => {
        if (thrown instanceof ControlError) return false;
        throw thrown;
      },
    );
  }
}

function targetOf(login: LoginView | undefined, label = login?.label) {
  const of = login?.poolId === undefined || login.poolId === null ? {} : { poolId: login.poolId };
  return { type: 'login', ...(login ? { id: login.id } : {}), ...(label === undefined ? {} : { label }), ...of };
}

const noLogin = (): ControlError => new ControlError('not_found', 'There is no login of that id.');
