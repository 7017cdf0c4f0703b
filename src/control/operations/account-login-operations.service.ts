import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AccountService, type ImportedAccount } from '../../upstream/index.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { accountView, importedView, importedViewOf, type ImportedView } from '../views/account-view.js';
import { AccountReach } from './account-reach.service.js';
import { refusedInWords } from './account-refusals.js';
import { ACCOUNT, accountTarget, LABEL, POOL, PRIORITY } from './account-target.js';

/** Longer than any login file that is taken, so that it is refused in the words for that. */
const AUTH_JSON_CHARS = 128 * 1_024;

const authJson = z.string().min(1).max(AUTH_JSON_CHARS).describe('the text of an auth.json as codex login writes it');

const PLACE = { label: LABEL, pool: POOL, priority: PRIORITY.optional() };

const made = ({ label }: { readonly label: string }, output: ImportedView | undefined) =>
  output === undefined ? { type: 'account', label } : accountTarget(label, output.account);

/** Logins that operators bring: of new accounts, and new ones of those that are there. */
@Injectable()
export class AccountLoginOperations extends OperationSet {
  constructor(
    private readonly reach: AccountReach,
    private readonly accounts: AccountService,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'accounts.import',
      summary: 'Take over a Codex login; the gateway refreshes it from then on',
      method: 'POST',
      path: '/accounts',
      scope: 'accounts:write',
      status: 201,
      input: z.object({
        ...PLACE,
        authJson,
        prove: z.boolean().default(true).describe('use its refresh token once, so that a dead one is refused now'),
      }),
      output: importedView,
      change: { action: 'account.import', creates: true, target: made, secrets: ['authJson'] },
      run: async ({ authJson: text, pool, priority, ...wanted }, call) => {
        const options = { ...wanted, ...(await this.placed(pool, priority, call)) };
        return this.imported(await refusedInWords(this.accounts.importAuthJson(text, options)), call);
      },
    }),
    operation({
      name: 'accounts.addKey',
      summary: 'Take over a Platform API key as an account',
      method: 'POST',
      path: '/account-keys',
      scope: 'accounts:write',
      status: 201,
      input: z.object({
        ...PLACE,
        apiKey: z.string().min(1).max(1_000),
        kind: z.string().min(1).max(100).optional().describe('whose key it is, where several upstreams take keys'),
        prove: z.boolean().default(true).describe('ask the provider whether it takes the key, which costs nothing'),
      }),
      output: importedView,
      change: { action: 'account.add_key', creates: true, target: made, secrets: ['apiKey'] },
      run: async ({ apiKey, pool, priority, kind, ...wanted }, call) => {
        const place = await this.placed(pool, priority, call);
        const options = { ...wanted, ...place, ...(kind === undefined ? {} : { kind }) };
        return this.imported(await refusedInWords(this.accounts.addApiKey(apiKey, options)), call);
      },
    }),
    operation({
      name: 'accounts.relink',
      summary: 'Give an account a new login of the same person and workspace',
      method: 'POST',
      path: '/accounts/{account}/relink',
      scope: 'accounts:write',
      input: z.object({
        account: ACCOUNT,
        authJson,
        prove: z.boolean().default(true).describe('use its refresh token once, so that a dead one is refused now'),
      }),
      output: importedView,
      change: {
        action: 'account.relink',
        target: ({ account }, _, before) => accountTarget(account, before),
        thing: {
          view: accountView,
          read: async ({ account }, call) => this.reach.view(await this.reach.account(account, call), call),
        },
        secrets: ['authJson'],
      },
      run: async ({ account, authJson: text, prove }, call) => {
        const { id } = await this.reach.whole(account, call);
        return this.imported(await refusedInWords(this.accounts.relinkAuthJson(id, text, { prove })), call);
      },
    }),
  ];

  /** Where an account is to serve. Whoever is bound to Pools can take over no account of others. */
  private async placed(slug: string, priority: number | undefined, call: OperationCall) {
    const { id: poolId } = await this.reach.pool(slug, call);
    const { poolIds: within } = call.actor;
    return { poolId, ...(priority === undefined ? {} : { priority }), ...(within === undefined ? {} : { within }) };
  }

  private async imported(result: ImportedAccount, call: OperationCall): Promise<ImportedView> {
    return importedViewOf(result, await this.reach.view(result.account, call));
  }
}
