import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { GatewayError, LoginRequired, type AccountAccess, type AccountId } from '../core/index.js';
import { SecretBox } from '../platform/crypto/index.js';
import { within } from '../platform/database/index.js';
import { AccountChanges } from './account-changes.service.js';
import type { AccountSnapshot } from './account-snapshot.js';
import { TokenRefresh } from './credentials/token-refresh.service.js';
import { reached } from './lifecycle/account-transitions.js';
import { openToken } from './sealed-tokens.js';
import { unreadable } from './unreadable.js';

interface Row {
  readonly external_account_id: string | null;
  readonly credential_epoch: string;
  readonly access_token: Buffer;
}

/** Opened tokens that are kept at most; the oldest goes first. */
const MAX_OPENED = 1_000;
/** A database that takes longer cannot be asked. */
const LOAD_MS = 2_000;

const SELECT = `
  SELECT external_account_id, credential_epoch, access_token
    FROM upstream_account WHERE id = $1 AND status IN ('active', 'paused', 'draining')`;

/** How far `last_success_at` may be behind the calls that succeed. */
const SUCCESS_LAG_MS = 60_000;

/** Nobody has changed the credentials, nobody is about to, and no call has succeeded with them. */
const REJECT = `
  UPDATE upstream_account
     SET status = $5, status_reason = $3, updated_at = now()
   WHERE id = $1 AND credential_epoch = $2 AND status IN ('active', 'paused', 'draining')
     AND refresh_state <> 'in_flight'
     AND coalesce(last_success_at, '-infinity') < $4::timestamptz`;

/** The only place where tokens are in the clear. */
@Injectable()
export class CredentialService {
  private readonly opened = new Map<AccountId, AccountAccess>();
  private readonly refreshing = new Map<AccountId, Promise<AccountAccess>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SecretBox,
    private readonly refresh: TokenRefresh,
    private readonly changes: AccountChanges,
  ) {}

  /**
   * What it takes to act as the account, with the credentials of the snapshot or newer ones.
   *
   * @throws GatewayError `upstream_account_rejected` when the account is gone or its token cannot be opened;
   *   `settings_unavailable` when the database is away
   */
  async access({ id, credentialEpoch }: Pick<AccountSnapshot, 'id' | 'credentialEpoch'>): Promise<AccountAccess> {
    const known = this.opened.get(id);
    return known && known.credentialEpoch >= credentialEpoch ? known : this.keep(await this.load(id));
  }

  /**
   * New credentials in place of those of `epochSeen`. One refresh for everybody who asks, in this process by sharing
   * it, among processes by the account's row.
   *
   * @throws LoginRequired when only a new login helps; the account has left every snapshot by then
   */
  async refreshed(id: AccountId, epochSeen: number): Promise<AccountAccess> {
    const known = this.opened.get(id);
    if (known && known.credentialEpoch > epochSeen) return known;
    const shared = await (this.refreshing.get(id) ?? this.start(id, epochSeen));
    // Somebody who had seen less may have started it, and found what this caller knows to be over.
    return shared.credentialEpoch > epochSeen ? shared : (this.refreshing.get(id) ?? this.start(id, epochSeen));
  }

  /**
   * The upstream refused credentials that had not ended: the account needs a new login.
   *
   * One odd refusal must not take out an account whose calls succeed: it counts only when none has since it was asked,
   * nor shortly before.
   *
   * @param askedAtMs when the upstream was asked, Unix time in milliseconds
   * @param reason a safe token
   * @returns whether it counts; the account has left every choice by then
   */
  async rejected(access: AccountAccess, askedAtMs: number, reason: string): Promise<boolean> {
    const { id, credentialEpoch } = access;
    const success = new Date(askedAtMs - SUCCESS_LAG_MS);
    const parameters = [id, credentialEpoch, reason, success, reached('active', 'login_lost')];
    const [, counts] = await this.dataSource.query<[unknown, number]>(REJECT, parameters);
    if (counts === 0) return false;
    this.opened.delete(id);
    this.changes.announce(id);
    return true;
  }

  private start(id: AccountId, epochSeen: number): Promise<AccountAccess> {
    const started = this.refresh
      .run(id, epochSeen)
      .then(
        (access) => this.refreshedTo(access),
        (error: unknown) => this.refreshFailed(id, error),
      )
      .finally(() => this.refreshing.delete(id));
    this.refreshing.set(id, started);
    return started;
  }

  private refreshedTo(access: AccountAccess): AccountAccess {
    this.keep(access);
    this.changes.announce(access.id);
    return access;
  }

  private refreshFailed(id: AccountId, error: unknown): never {
    if (error instanceof LoginRequired) {
      this.opened.delete(id);
      this.changes.announce(id);
    }
    throw error;
  }

  private async load(id: AccountId): Promise<AccountAccess> {
    const [row] = await within(LOAD_MS, this.dataSource.query<Row[]>(SELECT, [id])).catch(unreadable);
    if (row === undefined) {
      throw new GatewayError('upstream_account_rejected', 'The account is gone.', { cooldownMs: 0 });
    }
    return {
      id,
      accessToken: this.plain(id, row.access_token),
      credentialEpoch: Number(row.credential_epoch),
      ...(row.external_account_id === null ? {} : { externalAccountId: row.external_account_id }),
    };
  }

  private plain(id: AccountId, sealed: Buffer): string {
    try {
      return openToken(this.box, id, 'access_token', sealed);
    } catch (cause) {
      throw new GatewayError('upstream_account_rejected', 'The account cannot be used.', { cause });
    }
  }

  private keep(access: AccountAccess): AccountAccess {
    const known = this.opened.get(access.id);
    if (known && known.credentialEpoch > access.credentialEpoch) return known;
    this.opened.delete(access.id);
    this.opened.set(access.id, access);
    for (const oldest of this.opened.keys()) {
      if (this.opened.size <= MAX_OPENED) break;
      this.opened.delete(oldest);
    }
    return access;
  }
}
