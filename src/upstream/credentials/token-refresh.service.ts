import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import {
  GatewayError,
  LoginRequired,
  type AccountAccess,
  type AccountId,
  type RefreshedTokens,
} from '../core/index.js';
import { SecretBox } from '../platform/crypto/index.js';
import { claimsOf } from './jwt-claims.js';
import { UpstreamKinds } from './kinds.js';
import { openToken, sealTokens } from './sealed-tokens.js';

/** The row as long as we hold its lock. */
interface LockedRow {
  readonly kind: string;
  readonly status: string;
  readonly status_reason: string | null;
  readonly external_account_id: string | null;
  readonly credential_epoch: string;
  readonly access_token: Buffer;
  readonly refresh_token: Buffer | null;
}

type Outcome = { readonly access: AccountAccess } | { readonly dead: string };

/** How long the login server may take. The row stays locked meanwhile. */
const PROVIDER_MS = 30_000;
/** Longer than the provider may take: whoever waits for the row must see the holder end. */
const LOCK_MS = 60_000;

const SELECT = `
  SELECT kind, status, status_reason, external_account_id, credential_epoch, access_token, refresh_token
    FROM upstream_account WHERE id = $1 FOR UPDATE`;

/** A failure that was seen with these credentials is over, so the cooldown it caused is too. */
const SAVE = `
  UPDATE upstream_account
     SET access_token = $3, refresh_token = coalesce($4, refresh_token), id_token = coalesce($5, id_token),
         plan = coalesce($6, plan), access_token_expires_at = $7, credential_epoch = credential_epoch + 1,
         cooling_until = CASE WHEN cooling_reason = 'upstream_account_rejected' THEN NULL ELSE cooling_until END,
         cooling_reason = CASE WHEN cooling_reason = 'upstream_account_rejected' THEN NULL ELSE cooling_reason END,
         last_refreshed_at = now(), updated_at = now()
   WHERE id = $1 AND credential_epoch = $2`;

/** One account's tokens for new ones, with its row locked: nobody else can use the same refresh token meanwhile. */
@Injectable()
export class TokenRefresh {
  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SecretBox,
    private readonly kinds: UpstreamKinds,
  ) {}

  /**
   * @param epochSeen the credentials that are no longer good; when the row has newer ones they are returned as they are
   * @throws LoginRequired when the provider refused the refresh token for good; the row says so by then
   * @throws GatewayError and others when trying again may help
   */
  async run(id: AccountId, epochSeen: number): Promise<AccountAccess> {
    const won: unknown[][] = [];
    const outcome = await this.dataSource
      .transaction((db) => this.locked(db, id, epochSeen, won))
      .catch(async (error: unknown) => {
        if (won[0] === undefined) throw error;
        return this.rescued(id, epochSeen, won[0]);
      });
    if ('dead' in outcome) throw new LoginRequired(outcome.dead);
    return outcome.access;
  }

  /** @param won gets what the provider gave us, as the row must have it */
  private async locked(db: EntityManager, id: AccountId, epochSeen: number, won: unknown[][]): Promise<Outcome> {
    await db.query(`SET LOCAL statement_timeout = ${LOCK_MS}`);
    await db.query(`SET LOCAL idle_in_transaction_session_timeout = ${LOCK_MS}`);
    const [row] = await db.query<LockedRow[]>(SELECT, [id]);
    if (row === undefined || row.status === 'deleted') {
      throw new GatewayError('upstream_account_rejected', 'The account is gone.', { cooldownMs: 0 });
    }
    if (row.status === 'login_required') return { dead: row.status_reason ?? 'login_required' };
    const epoch = Number(row.credential_epoch);
    const access = (accessToken: string, credentialEpoch: number): AccountAccess => ({
      id,
      accessToken,
      credentialEpoch,
      ...(row.external_account_id === null ? {} : { externalAccountId: row.external_account_id }),
    });
    if (epoch > epochSeen) return { access: access(openToken(this.box, id, 'access_token', row.access_token), epoch) };

    const tokens = await this.exchanged(id, row);
    if (tokens instanceof LoginRequired) return this.markDead(db, id, tokens.reason);
    const parameters = this.saveParameters(id, epoch, tokens);
    won.push(parameters);
    await db.query(SAVE, parameters);
    return { access: access(tokens.accessToken, epoch + 1) };
  }

  private async exchanged(id: AccountId, row: LockedRow): Promise<RefreshedTokens | LoginRequired> {
    if (row.refresh_token === null) return new LoginRequired('no_refresh_token');
    const refreshToken = openToken(this.box, id, 'refresh_token', row.refresh_token);
    try {
      return await this.kinds.of(row.kind).refresh(refreshToken, AbortSignal.timeout(PROVIDER_MS));
    } catch (error) {
      if (error instanceof LoginRequired) return error;
      throw error;
    }
  }

  private async markDead(db: EntityManager, id: AccountId, reason: string): Promise<Outcome> {
    const sql = `UPDATE upstream_account SET status = 'login_required', status_reason = $2, updated_at = now() WHERE id = $1`;
    await db.query(sql, [id, reason]);
    return { dead: reason };
  }

  private saveParameters(id: AccountId, epoch: number, tokens: RefreshedTokens): unknown[] {
    const { access_token, refresh_token, id_token } = sealTokens(this.box, id, tokens);
    const { expiresAtMs, plan } = claimsOf(tokens.accessToken) ?? {};
    const endsAt = expiresAtMs === undefined ? null : new Date(expiresAtMs);
    return [id, epoch, access_token, refresh_token, id_token, plan ?? null, endsAt];
  }

  /**
   * The old refresh token is spent by now, so the new one must not be lost with a broken connection: it is saved on
   * another one, unless the transaction had come through after all or somebody has changed the tokens since. Either way
   * the row is past `epochSeen` now, and what it has is what holds.
   */
  private async rescued(id: AccountId, epochSeen: number, won: unknown[]): Promise<Outcome> {
    await this.dataSource.query(SAVE, won);
    return this.dataSource.transaction((db) => this.locked(db, id, epochSeen, []));
  }
}
