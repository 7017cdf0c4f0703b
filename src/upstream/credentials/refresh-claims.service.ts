import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountAccess, AccountId, RefreshedTokens } from '../../core/index.js';
import { SecretBox } from '../../platform/crypto/index.js';
import { claimsOf } from '../jwt-claims.js';
import { reached } from '../lifecycle/account-transitions.js';
import { openToken, sealTokens } from '../sealed-tokens.js';
import { refreshBackoffMs } from './refresh-failure.js';
import { CLAIM, END, LIST_ABANDONED, READ, SAVE, SET_BACK, type RefreshRow } from './refresh-sql.js';

/** The right to use an account's refresh token, once. */
export interface Claim {
  readonly id: AccountId;
  readonly kind: string;
  readonly refreshToken: string;
  readonly row: RefreshRow;
  readonly startedAt: Date;
  /** To this refresh token, before this try. */
  readonly answersLost: number;
}

type Changed<Row> = [rows: Row[], count: number];

/**
 * Who may use an account's refresh token, said in its row. Each write is one statement that takes the row's lock and
 * compares it with what was read: of many that claim the same token one gets it, and nothing that is late overwrites a
 * newer login. No lock and no connection is held while the provider is asked.
 */
@Injectable()
export class RefreshClaims {
  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SecretBox,
  ) {}

  async read(id: AccountId): Promise<RefreshRow | undefined> {
    const [row] = await this.dataSource.query<RefreshRow[]>(READ, [id]);
    return row;
  }

  /** @throws SecretUnreadable */
  accessOf(id: AccountId, row: RefreshRow): AccountAccess {
    return access(id, row, openToken(this.box, id, 'access_token', row.access_token), row.credential_epoch);
  }

  /**
   * Committed before the provider is asked, so that a crash shows.
   *
   * @param row as it was read
   * @returns undefined when the row is not like that any more
   * @throws SecretUnreadable
   */
  async claim(id: AccountId, row: RefreshRow, answersLost: number): Promise<Claim | undefined> {
    if (row.refresh_token === null) return undefined;
    const refreshToken = openToken(this.box, id, 'refresh_token', row.refresh_token);
    const seen = [row.refresh_token, row.refresh_state, row.refresh_started_at, row.refresh_answers_lost];
    const [[claimed]] = await this.dataSource.query<Changed<{ refresh_started_at: Date }>>(CLAIM, [
      id,
      ...seen,
      answersLost,
    ]);
    if (claimed === undefined) return undefined;
    return { id, kind: row.kind, refreshToken, row, startedAt: claimed.refresh_started_at, answersLost };
  }

  /** @returns undefined when somebody has changed the tokens since the claim: these are for nobody then */
  async save({ id, row, refreshToken }: Claim, tokens: RefreshedTokens): Promise<AccountAccess | undefined> {
    // A refresh token that was not rotated is sealed anew too: a try that ends late must not find what it began with.
    const sealed = sealTokens(this.box, id, { refreshToken, ...tokens });
    const { issuedAtMs, expiresAtMs, plan } = claimsOf(tokens.accessToken) ?? {};
    const [[saved]] = await this.dataSource.query<Changed<{ credential_epoch: string }>>(SAVE, [
      id,
      row.refresh_token,
      sealed.access_token,
      sealed.refresh_token,
      sealed.id_token,
      plan ?? null,
      dateOf(expiresAtMs),
      dateOf(issuedAtMs),
    ]);
    return saved && access(id, row, tokens.accessToken, saved.credential_epoch);
  }

  /** No tokens this time. @param lost whether an answer may have been lost */
  async setBack(claim: Pick<Claim, 'id' | 'row' | 'startedAt' | 'answersLost'>, lost: boolean): Promise<void> {
    const answersLost = claim.answersLost + (lost ? 1 : 0);
    await this.dataSource.query(SET_BACK, [
      claim.id,
      claim.row.refresh_token,
      claim.startedAt,
      answersLost > 0 ? 'outcome_unknown' : 'failed',
      answersLost,
      refreshBackoffMs(claim.row.refresh_failures, Math.random()),
    ]);
  }

  /** The account needs a new login. @returns whether the row says so now; not when its tokens have been changed since */
  async end(id: AccountId, row: RefreshRow, reason: string): Promise<boolean> {
    const status = reached(row.status, 'login_lost');
    const [, ended] = await this.dataSource.query<Changed<never>>(END, [id, row.refresh_token, reason, status]);
    return ended > 0;
  }

  /** The accounts whose refresh was claimed by a process that is not there any more. */
  async abandoned(): Promise<readonly AccountId[]> {
    const rows = await this.dataSource.query<{ id: AccountId }[]>(LIST_ABANDONED);
    return rows.map(({ id }) => id);
  }
}

const dateOf = (unixMs: number | undefined): Date | null => (unixMs === undefined ? null : new Date(unixMs));

const access = (id: AccountId, row: RefreshRow, accessToken: string, epoch: string): AccountAccess => ({
  id,
  accessToken,
  credentialEpoch: Number(epoch),
  ...(row.external_account_id === null ? {} : { externalAccountId: row.external_account_id }),
});
