import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { LoginRequired, type AccountId, type PoolId } from '../../core/index.js';
import { JobProducer, QUEUES } from '../../platform/queue/index.js';
import { safeError } from '../../platform/telemetry/index.js';
import { AccountChanges } from '../account-changes.service.js';
import { acceptedLabel } from '../account-label-refused.js';
import { CredentialService } from '../credential.service.js';
import { CATALOG_JOB } from '../jobs.js';
import type { AccountStatus } from '../upstream-account.entity.js';
import { AccountLogins, type StoredLogin } from './account-logins.service.js';
import { AccountRefused } from './account-refused.js';
import { reached, type LifecycleEvent } from './account-transitions.js';
import { ASSIGN, UNASSIGN_EVERYWHERE } from './assignment-sql.js';
import type { CodexLogin } from './codex-login.js';
import { FORGET_LOGINS, WIPE } from './login-sql.js';

export interface LinkOptions {
  /** Whose login it is; absent: the Codex backend's. */
  readonly kind?: string;
  /** 1–100 characters; the account's name from then on. */
  readonly label: string;
  /** The Pool that it is to serve. */
  readonly poolId?: PoolId;
  /** Its tier in that Pool; absent: as it is, 0 for a new one. */
  readonly priority?: number;
  /** Use the refresh token once, so that a dead one is refused now and not when it is needed. Spends it elsewhere. */
  readonly prove?: boolean;
  /** An account that has the login already has to serve some of these Pools, and no other; absent: any will do. */
  readonly within?: ReadonlySet<PoolId>;
}

/**
 * `unasked`: nobody wanted to know, or the login was here before. `no_refresh_token`: there is nothing to prove.
 * `unproven`: the login server could not be asked.
 */
export type LoginProof = 'proven' | 'unproven' | 'no_refresh_token' | 'unasked';

export interface LinkedAccount {
  readonly id: AccountId;
  readonly outcome: StoredLogin['outcome'];
  readonly proof: LoginProof;
}

/** What an operator does to an account that is there. */
export type AccountAction = Extract<LifecycleEvent, 'pause' | 'resume' | 'drain' | 'delete'>;

interface Locked {
  readonly status: AccountStatus;
  /** It can be used again: its token holds, or can be replaced. */
  readonly usable: boolean;
}

const KIND = 'codex';

const LOCK = `
  SELECT status,
         refresh_token IS NOT NULL OR coalesce(access_token_expires_at > now(), access_token IS NOT NULL) AS usable
    FROM upstream_account WHERE id = $1 FOR UPDATE`;

/** Calls that began before a pause must not mark the account that comes back after it: they have an older epoch. */
const SET_STATUS = `
  UPDATE upstream_account
     SET status = $2, status_reason = NULL, updated_at = now(),
         credential_epoch = credential_epoch + (status <> $2 AND 'paused' IN (status, $2))::int
   WHERE id = $1`;

/** What was held against the account by us. What its provider said of its quota stands. */
const FORGIVE = `
  UPDATE upstream_account
     SET cooling_until = NULL, cooling_reason = NULL, cooling_since = NULL, refresh_not_before = NULL
   WHERE id = $1`;
const CLOSE_LANES = `
  UPDATE account_lane
     SET failures = 0, opened_at = NULL, open_until = NULL, reason = NULL, probe_id = NULL, probing_until = NULL,
         version = version + 1
   WHERE account_id = $1`;

/** An account's way from its first login to its end. Every replica hears of every step. */
@Injectable()
export class AccountLifecycle {
  private readonly log = new Logger(AccountLifecycle.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly logins: AccountLogins,
    private readonly credentials: CredentialService,
    private readonly changes: AccountChanges,
    private readonly jobs: JobProducer,
  ) {}

  /**
   * Take over a login. One that we hold already (same provider account, user and workspace) gets the new tokens; an
   * account that had lost its login works again.
   *
   * @throws AccountLabelRefused when the label is taken by another account, or none
   * @throws AccountRefused
   */
  async link(login: CodexLogin, options: LinkOptions): Promise<LinkedAccount> {
    const { kind = KIND, label: given, poolId, priority, prove = false, within } = options;
    const label = acceptedLabel(given);
    const id = randomUUID() as AccountId;
    const only = within === undefined ? {} : { within };
    const stored = await this.logins.store({ id, kind, label, login, evenIfRefused: !prove, ...only });
    const proof = await this.proof(stored, login, prove);
    // Only now: what turns out to be dead has never been in a Pool.
    if (poolId !== undefined) await this.dataSource.query(ASSIGN, [poolId, stored.id, priority ?? null]);
    return this.linked(stored, proof);
  }

  /**
   * Give an account another login of its own identity. Its plan may be another one.
   *
   * @throws AccountRefused `identity_mismatch` when the login is somebody else's
   */
  async relink(id: AccountId, login: CodexLogin, { prove = false } = {}): Promise<LinkedAccount> {
    const stored = await this.logins.replace(id, login, !prove);
    return this.linked(stored, await this.proof(stored, login, prove));
  }

  /** Nothing is sent through it any more, in no Pool; what it is answering goes on. @throws AccountRefused */
  pause(id: AccountId): Promise<AccountStatus> {
    return this.act(id, 'pause');
  }

  /** It serves again, and what was held against it is forgotten. @throws AccountRefused */
  resume(id: AccountId): Promise<AccountStatus> {
    return this.act(id, 'resume');
  }

  /** It finishes what sessions have begun with it, and gets nothing new. @throws AccountRefused */
  drain(id: AccountId): Promise<AccountStatus> {
    return this.act(id, 'drain');
  }

  /** Its secrets are wiped and it leaves every Pool, for good. Calls go on with what they hold. @throws AccountRefused */
  delete(id: AccountId): Promise<AccountStatus> {
    return this.act(id, 'delete');
  }

  /** What would become of the account; nothing is changed. @throws AccountRefused as the action itself */
  check(id: AccountId, action: AccountAction): Promise<AccountStatus> {
    return this.dataSource.transaction((db) => this.next(db, id, action));
  }

  private async act(id: AccountId, action: AccountAction): Promise<AccountStatus> {
    const status = await this.dataSource.transaction(async (db) => {
      const next = await this.next(db, id, action);
      await this.apply(db, id, action, next);
      return next;
    });
    this.changes.announce(id);
    return status;
  }

  private async next(db: EntityManager, id: AccountId, action: AccountAction): Promise<AccountStatus> {
    const [row] = await db.query<Locked[]>(LOCK, [id]);
    const next = reached(row?.status ?? 'none', action);
    if (action === 'resume' && row?.usable === false) throw new AccountRefused('no_usable_token');
    return next;
  }

  private async apply(db: EntityManager, id: AccountId, action: AccountAction, next: AccountStatus): Promise<void> {
    if (action === 'delete') {
      await db.query(WIPE, [id, next]);
      await db.query(FORGET_LOGINS, [id]);
      await db.query(UNASSIGN_EVERYWHERE, [id]);
      return;
    }
    await db.query(SET_STATUS, [id, next]);
    if (action !== 'resume') return;
    await db.query(FORGIVE, [id]);
    await db.query(CLOSE_LANES, [id]);
  }

  /** @throws AccountRefused `login_dead`; what was stored is withdrawn by then */
  private async proof(stored: StoredLogin, { refreshToken }: CodexLogin, wanted: boolean): Promise<LoginProof> {
    if (!wanted || stored.outcome === 'unchanged') return 'unasked';
    if (refreshToken === undefined) return 'no_refresh_token';
    try {
      await this.credentials.refreshed(stored.id, stored.credentialEpoch);
      return 'proven';
    } catch (error) {
      if (error instanceof LoginRequired) {
        await this.logins.withdraw(stored);
        this.changes.announce(stored.id);
        throw new AccountRefused('login_dead', error.reason);
      }
      this.log.warn({ msg: 'a login was not proven', accountId: stored.id, error: safeError(error) });
      return 'unproven';
    }
  }

  private async linked({ id, outcome }: StoredLogin, proof: LoginProof): Promise<LinkedAccount> {
    this.changes.announce(id);
    if (outcome !== 'unchanged') await this.jobs.add(QUEUES.tokenRefresh, CATALOG_JOB, { accountId: id });
    return { id, outcome, proof };
  }
}
