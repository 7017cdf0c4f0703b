import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import type { AccountId, PoolId } from '../core/index.js';
import { sha256 } from '../platform/crypto/index.js';
import { JobProducer, QUEUES } from '../platform/queue/index.js';
import { AccountChanges } from './account-changes.service.js';
import { AccountLabelRefused } from './account-label-refused.js';
import { AccountLogins, type StoredLogin } from './account-logins.service.js';
import { LIST_ACCOUNTS, summaryOf, type AccountSummary, type ListedAccount } from './account-summary.js';
import { parseAuthJson, type CodexLogin } from './auth-json.js';
import { CATALOG_JOB } from './jobs.js';

export interface ImportOptions {
  /** 1–100 characters; the account's name from then on. */
  readonly label: string;
  /** The Pool that it is to serve. */
  readonly poolId?: PoolId;
}

export interface ImportedAccount {
  readonly account: AccountSummary;
  /** `unchanged`: exactly this login was imported before, and what we have made of it since is newer. */
  readonly outcome: StoredLogin['outcome'];
}

const KIND = 'codex';
const ASSIGN = `
  INSERT INTO pool_account (pool_id, account_id, status) VALUES ($1, $2, 'active')
  ON CONFLICT ON CONSTRAINT pool_account_pk DO UPDATE SET status = 'active'`;

/** The upstream accounts, for their operator. */
@Injectable()
export class AccountService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly logins: AccountLogins,
    private readonly changes: AccountChanges,
    private readonly jobs: JobProducer,
  ) {}

  /**
   * Take over a Codex login. A login that we hold already (same provider account and user) gets the new tokens and works
   * again, whatever state it was in.
   *
   * @param text an `auth.json` as `codex login` writes it
   * @throws AuthJsonRejected when the file is no usable login
   * @throws AccountLabelRefused when the label is taken by another login, or none
   */
  async importAuthJson(text: string, { label, poolId }: ImportOptions): Promise<ImportedAccount> {
    const name = label.trim();
    if (name === '' || name.length > 100) throw new AccountLabelRefused('invalid');
    const login = parseAuthJson(text, Date.now());
    const stored = await this.stored(login, name);
    if (poolId !== undefined) await this.assign(poolId, stored.id);
    this.changes.announce(stored.id);
    if (stored.outcome !== 'unchanged') {
      await this.jobs.add(QUEUES.tokenRefresh, CATALOG_JOB, { accountId: stored.id });
    }
    const account = await this.byId(stored.id);
    if (account === undefined) throw new Error('The account was removed while it was imported.');
    return { account, outcome: stored.outcome };
  }

  /** Let the account serve the Pool. Nothing happens when it does already. */
  async assign(poolId: PoolId, accountId: AccountId): Promise<void> {
    await this.dataSource.query(ASSIGN, [poolId, accountId]);
    this.changes.announce(accountId);
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

  private async byId(id: AccountId): Promise<AccountSummary | undefined> {
    const [found] = await this.dataSource.query<ListedAccount[]>(LIST_ACCOUNTS, [null, null, id]);
    return found && summaryOf(found);
  }

  private async stored(login: CodexLogin, label: string): Promise<StoredLogin> {
    const digest = sha256(JSON.stringify([login.accessToken, login.refreshToken ?? null]));
    try {
      return await this.logins.store({ id: randomUUID() as AccountId, kind: KIND, label, login, digest });
    } catch (error) {
      if (constraintOf(error) === 'upstream_account_label_uq') throw new AccountLabelRefused('taken');
      throw error;
    }
  }
}

/** The constraint that a statement ran into; drivers put its name on the error. */
const constraintOf = (error: unknown): unknown =>
  error instanceof Error && 'constraint' in error ? error.constraint : undefined;
