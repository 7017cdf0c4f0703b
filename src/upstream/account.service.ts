import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { GatewayError, type AccountId, type PoolId, type UpstreamKind } from '../core/index.js';
import { safeError } from '../platform/telemetry/index.js';
import { AccountChanges } from './account-changes.service.js';
import { acceptedLabel, AccountLabelRefused } from './account-label-refused.js';
import { LIST_ACCOUNTS, summaryOf, type AccountSummary, type ListedAccount } from './account-summary.js';
import { parseAuthJson } from './auth-json.js';
import { constraintOf } from './constraint-of.js';
import { UpstreamKinds } from './kinds.js';
import {
  AccountLifecycle,
  type LinkedAccount,
  type LinkOptions,
  type LoginProof,
} from './lifecycle/account-lifecycle.service.js';
import { AccountRefused } from './lifecycle/account-refused.js';
import { apiKeyLogin } from './lifecycle/api-key-login.js';

export type ImportedAccount = Omit<LinkedAccount, 'id'> & { readonly account: AccountSummary };

/** How long a provider may take to say whether it takes a key. */
const PROVIDER_MS = 30_000;
/** A key is asked about before it has an account. */
const NO_ACCOUNT = '' as AccountId;

const SET_MAX_CONCURRENT = 'UPDATE upstream_account SET max_concurrent = $2, updated_at = now() WHERE id = $1';

const SET_LABEL = 'UPDATE upstream_account SET label = $2, updated_at = now() WHERE id = $1';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The upstream accounts, for their operator. */
@Injectable()
export class AccountService {
  private readonly log = new Logger(AccountService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly lifecycle: AccountLifecycle,
    private readonly changes: AccountChanges,
    private readonly kinds: UpstreamKinds,
  ) {}

  /**
   * Take over a Codex login.
   *
   * @param text an `auth.json` as `codex login` writes it
   * @throws AuthJsonRejected when the file is no usable login
   * @throws AccountLabelRefused, AccountRefused as `AccountLifecycle.link`
   */
  async importAuthJson(text: string, options: LinkOptions): Promise<ImportedAccount> {
    const { id, ...linked } = await this.lifecycle.link(parseAuthJson(text, Date.now()), options);
    return { account: await this.held(id), ...linked };
  }

  /**
   * Take over an API key. The same key is the same account; one that was refused works again once it is taken.
   *
   * @param prove ask the provider whether it takes the key, which costs nothing
   * @throws AccountRefused `api_key_refused`, and `api_key_kind` when no kind, or not this one, is used with keys
   * @throws AccountLabelRefused as `AccountLifecycle.link`
   */
  async addApiKey(apiKey: string, { prove = true, ...options }: LinkOptions): Promise<ImportedAccount> {
    const login = apiKeyLogin(apiKey);
    const [kind] = this.kinds.keyed(options.kind);
    if (kind === undefined) throw new AccountRefused('api_key_kind');
    const proof = prove ? await this.takes(kind, login.accessToken) : 'unasked';
    const { id, outcome } = await this.lifecycle.link(login, { ...options, kind: kind.name });
    return { account: await this.held(id), outcome, proof };
  }

  /**
   * Give an account the login of an `auth.json`.
   *
   * @throws AuthJsonRejected, AccountRefused as `AccountLifecycle.relink`
   */
  async relinkAuthJson(id: AccountId, text: string, { prove = false } = {}): Promise<ImportedAccount> {
    const { id: held, ...linked } = await this.lifecycle.relink(id, parseAuthJson(text, Date.now()), { prove });
    return { account: await this.held(held), ...linked };
  }

  /** @param maxConcurrent calls at once; null: as many as the installation allows */
  async limit(id: AccountId, maxConcurrent: number | null): Promise<void> {
    await this.dataSource.query(SET_MAX_CONCURRENT, [id, maxConcurrent]);
    this.changes.announce(id);
  }

  /** @throws AccountLabelRefused */
  async rename(id: AccountId, given: string): Promise<void> {
    try {
      await this.dataSource.query(SET_LABEL, [id, acceptedLabel(given)]);
    } catch (error) {
      if (constraintOf(error) === 'upstream_account_label_uq') throw new AccountLabelRefused('taken');
      throw error;
    }
    this.changes.announce(id);
  }

  /** @param poolId only the accounts of this Pool */
  async list(poolId?: PoolId): Promise<readonly AccountSummary[]> {
    const listed = await this.dataSource.query<ListedAccount[]>(LIST_ACCOUNTS, [poolId ?? null, null, null]);
    return listed.map(summaryOf);
  }

  async findByLabel(label: string): Promise<AccountSummary | undefined> {
    const [found] = await this.dataSource.query<ListedAccount[]>(LIST_ACCOUNTS, [null, label.trim(), null]);
    return found && summaryOf(found);
  }

  /** @param id of any form */
  async findById(id: string): Promise<AccountSummary | undefined> {
    if (!UUID.test(id)) return undefined;
    const [found] = await this.dataSource.query<ListedAccount[]>(LIST_ACCOUNTS, [null, null, id]);
    return found && summaryOf(found);
  }

  private async takes(kind: UpstreamKind, accessToken: string): Promise<LoginProof> {
    const access = { id: NO_ACCOUNT, accessToken, credentialEpoch: 0 };
    try {
      await kind.usage(access, AbortSignal.timeout(PROVIDER_MS));
      return 'proven';
    } catch (error) {
      const { detail } = GatewayError.from(error);
      if (detail.upstreamStatus === 401) throw new AccountRefused('api_key_refused', detail.upstreamCode);
      this.log.warn({ msg: 'an API key was not proven', error: safeError(error) });
      return 'unproven';
    }
  }

  private async held(id: AccountId): Promise<AccountSummary> {
    const found = await this.findById(id);
    if (found === undefined) throw new Error('The account was removed while it was imported.');
    return found;
  }
}
