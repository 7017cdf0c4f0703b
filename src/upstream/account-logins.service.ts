import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { AccountId } from '../core/index.js';
import { SecretBox } from '../platform/crypto/index.js';
import type { CodexLogin } from './auth-json.js';
import { sealTokens } from './sealed-tokens.js';

export interface NewLogin {
  /** For the account, if the login has none yet. */
  readonly id: AccountId;
  readonly kind: string;
  readonly label: string;
  readonly login: CodexLogin;
  /** SHA-256 of the login's tokens. */
  readonly digest: Buffer;
}

export interface StoredLogin {
  readonly id: AccountId;
  readonly outcome: 'created' | 'updated' | 'unchanged';
}

interface Held {
  readonly id: AccountId;
  readonly known: boolean;
}

/** Imports of one installation take turns: two of the same login must not both find the slot empty. */
const TAKE_TURNS = `SELECT pg_advisory_xact_lock(hashtextextended('codex-pooler upstream import', 0))`;

/** `FOR UPDATE` waits for a refresh that is running: its result must not overwrite the new login. */
const FIND = `
  SELECT id, coalesce(import_digest = $4 AND status IN ('active', 'paused'), false) AS known
    FROM upstream_account
   WHERE kind = $1 AND external_account_id IS NOT DISTINCT FROM $2 AND external_user_id IS NOT DISTINCT FROM $3
     AND status <> 'deleted'
     FOR UPDATE`;

const INSERT = `
  INSERT INTO upstream_account (id, label, plan, access_token, refresh_token, id_token, access_token_expires_at,
                                import_digest, kind, external_account_id, external_user_id, status, credential_epoch)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'active', 1)`;

const REPLACE = `
  UPDATE upstream_account
     SET label = $2, plan = coalesce($3, plan), access_token = $4, refresh_token = $5, id_token = $6,
         access_token_expires_at = $7, import_digest = $8, status = 'active', status_reason = NULL,
         cooling_until = NULL, cooling_reason = NULL, credential_epoch = credential_epoch + 1, updated_at = now()
   WHERE id = $1`;

const RENAME = 'UPDATE upstream_account SET label = $2, updated_at = now() WHERE id = $1 AND label <> $2';

/** Logins on their way into the database, one row for each provider account and user. */
@Injectable()
export class AccountLogins {
  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SecretBox,
  ) {}

  /** @throws QueryFailedError on `upstream_account_label_uq` when another login has the label */
  store(login: NewLogin): Promise<StoredLogin> {
    return this.dataSource.transaction((db) => this.storeIn(db, login));
  }

  private async storeIn(db: EntityManager, { id, kind, label, login, digest }: NewLogin): Promise<StoredLogin> {
    const slot = [kind, login.externalAccountId ?? null, login.externalUserId ?? null];
    await db.query(TAKE_TURNS);
    const [held] = await db.query<Held[]>(FIND, [...slot, digest]);
    if (held === undefined) {
      await db.query(INSERT, [id, label, ...this.columns(id, login), digest, ...slot]);
      return { id, outcome: 'created' };
    }
    // The tokens may have been refreshed since, and the file's refresh token is spent then.
    if (held.known) {
      await db.query(RENAME, [held.id, label]);
      return { id: held.id, outcome: 'unchanged' };
    }
    await db.query(REPLACE, [held.id, label, ...this.columns(held.id, login), digest]);
    return { id: held.id, outcome: 'updated' };
  }

  private columns(id: AccountId, login: CodexLogin): unknown[] {
    const { access_token, refresh_token, id_token } = sealTokens(this.box, id, login);
    const expiresAtMs = login.accessTokenExpiresAtMs;
    const expiresAt = expiresAtMs === undefined ? null : new Date(expiresAtMs);
    return [login.plan ?? null, access_token, refresh_token, id_token, expiresAt];
  }
}
