import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { AccountId, PoolId } from '../../core/index.js';
import { SecretBox, sha256 } from '../../platform/crypto/index.js';
import { AccountLabelRefused } from '../account-label-refused.js';
import { constraintOf } from '../constraint-of.js';
import { sealTokens } from '../sealed-tokens.js';
import type { AccountStatus } from '../upstream-account.entity.js';
import { AccountRefused } from './account-refused.js';
import { reached } from './account-transitions.js';
import { PLACES } from './assignment-sql.js';
import type { CodexLogin } from './codex-login.js';
import { isSameIdentity, slotOf } from './login-slot.js';
import {
  DESCRIBE,
  FIND_BY_ID,
  FIND_BY_IDENTITY,
  FIND_REFUSED,
  INSERT,
  REPLACE,
  RESTORE,
  TAKE_TURNS,
  WIPE,
  type HeldLogin,
} from './login-sql.js';

export interface NewLogin {
  /** For the account, if the login has none yet. */
  readonly id: AccountId;
  readonly kind: string;
  readonly label: string;
  readonly login: CodexLogin;
  /** Take a login again that the provider refused before. */
  readonly evenIfRefused: boolean;
  /** An account that is there already has to serve some of these Pools, and no other; absent: any will do. */
  readonly within?: ReadonlySet<PoolId>;
}

export interface StoredLogin {
  readonly id: AccountId;
  /** `unchanged`: this login was taken over before, and what we have made of it since is newer. */
  readonly outcome: 'created' | 'updated' | 'unchanged';
  readonly credentialEpoch: number;
  readonly digest: Buffer;
  /** What the account had before, for the case that the new login comes to nothing. */
  readonly replaced?: HeldLogin;
}

/** Longer than a refresh may take, and what is done then: the login of before cannot be had back as it was. */
const REFRESH_MS = 55_000;
const LOOK_AGAIN_MS = 200;

/** Logins on their way into the database: one row for each provider account, user and workspace. */
@Injectable()
export class AccountLogins {
  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SecretBox,
  ) {}

  /**
   * Give the login to the account that it belongs to, or make one.
   *
   * @throws AccountLabelRefused `taken` when another account has the label
   * @throws AccountRefused `identity_conflict`, `serves_elsewhere`, or `login_dead` for a login that was refused before
   */
  store({ id, kind, label, login, evenIfRefused, within }: NewLogin): Promise<StoredLogin> {
    const digest = digestOf(login);
    return this.inTurn(async (db) => {
      const identity = [login.externalAccountId ?? null, login.externalUserId ?? null];
      const held = slotOf(await db.query<HeldLogin[]>(FIND_BY_IDENTITY, [digest, kind, ...identity]), login);
      if (held !== undefined && within !== undefined) await servesOnly(db, held.id, within);
      if (held !== undefined) return this.renew(db, held, { label, login, digest, evenIfRefused });
      const [before] = await db.query<{ reason: string }[]>(FIND_REFUSED, [digest, kind]);
      if (before !== undefined && !evenIfRefused) throw new AccountRefused('login_dead', before.reason);
      const status = reached('none', 'link');
      await db.query(INSERT, [...this.columns(id, label, login), digest, status, kind, ...identity]);
      return { id, outcome: 'created', credentialEpoch: 1, digest };
    });
  }

  /**
   * Give the login to this account.
   *
   * @throws AccountRefused `identity_mismatch` when it is somebody else's, `identity_conflict` when another account is
   *   the login's, and as `store` does
   */
  replace(id: AccountId, login: CodexLogin, evenIfRefused: boolean): Promise<StoredLogin> {
    const digest = digestOf(login);
    return this.inTurn(async (db) => {
      const [held] = await db.query<HeldLogin[]>(FIND_BY_ID, [digest, id]);
      // A login means nothing to an account that is not there, or no more.
      reached(held?.status ?? 'none', 'relink');
      if (held === undefined || !isSameIdentity(held, login)) throw new AccountRefused('identity_mismatch');
      return this.renew(db, held, { label: held.label, login, digest, evenIfRefused });
    });
  }

  /** The provider refused what was stored: nothing of it is kept but the knowledge that it was refused. */
  async withdraw({ id, digest, replaced }: StoredLogin): Promise<void> {
    await this.dataSource.transaction(async (db) => {
      const [row] = await db.query<HeldLogin[]>(FIND_BY_ID, [digest, id]);
      // Somebody came with another login meanwhile, or the account is gone: that is what holds then.
      if (row?.status !== 'login_required' || row.import_digest?.equals(digest) !== true) return;
      if (replaced === undefined) await db.query(WIPE, [id, reached(row.status, 'delete')]);
      else await db.query(RESTORE, restored(replaced, digest));
    });
  }

  private async renew(
    db: EntityManager,
    held: HeldLogin,
    { label, login, digest, evenIfRefused }: Omit<NewLogin, 'id' | 'kind' | 'within'> & { readonly digest: Buffer },
  ): Promise<StoredLogin> {
    const { id } = held;
    const isLost = held.status === 'login_required';
    if (held.known && isLost && !evenIfRefused) {
      throw new AccountRefused('login_dead', held.status_reason ?? undefined);
    }
    // The tokens may have been refreshed since, and the refresh token that came is spent then.
    if (held.known && !isLost) {
      await db.query(DESCRIBE, [id, label, login.seatType ?? null, login.externalWorkspaceId ?? null]);
      return { id, outcome: 'unchanged', credentialEpoch: Number(held.credential_epoch), digest };
    }
    if (held.refreshing === true && !evenIfRefused) throw new Refreshing();
    const parameters = [...this.columns(id, label, login), digest, reached(held.status, 'relink')];
    const [changed] = await db.query<[{ credential_epoch: string }[], number]>(REPLACE, parameters);
    return { id, outcome: 'updated', credentialEpoch: Number(changed[0]?.credential_epoch), digest, replaced: held };
  }

  private async inTurn(store: (db: EntityManager) => Promise<StoredLogin>): Promise<StoredLogin> {
    for (let waitedMs = 0; ; waitedMs += LOOK_AGAIN_MS) {
      try {
        return await this.stored(store);
      } catch (error) {
        if (!(error instanceof Refreshing) || waitedMs > REFRESH_MS) throw error;
      }
      await sleep(LOOK_AGAIN_MS);
    }
  }

  private async stored(store: (db: EntityManager) => Promise<StoredLogin>): Promise<StoredLogin> {
    try {
      return await this.dataSource.transaction(async (db) => {
        await db.query(TAKE_TURNS);
        return store(db);
      });
    } catch (error) {
      const constraint = constraintOf(error);
      if (constraint === 'upstream_account_label_uq') throw new AccountLabelRefused('taken');
      if (constraint === 'upstream_account_slot_uq') throw new AccountRefused('identity_conflict');
      throw error;
    }
  }

  private columns(id: AccountId, label: string, login: CodexLogin): unknown[] {
    const { access_token, refresh_token, id_token } = sealTokens(this.box, id, login);
    const times = [login.accessTokenExpiresAtMs, login.accessTokenIssuedAtMs].map(dateOf);
    const described = [login.plan ?? null, login.seatType ?? null, login.externalWorkspaceId ?? null];
    return [id, label, ...described, access_token, refresh_token, id_token, ...times];
  }
}

/** @throws AccountRefused `serves_elsewhere` */
async function servesOnly(db: EntityManager, id: AccountId, within: ReadonlySet<PoolId>): Promise<void> {
  const places = await db.query<{ pool_id: PoolId }[]>(PLACES, [id]);
  if (places.length > 0 && places.every(({ pool_id: poolId }) => within.has(poolId))) return;
  throw new AccountRefused('serves_elsewhere');
}

/** Somebody refreshes the tokens that the login is to replace. */
class Refreshing extends Error {
  override readonly name = 'Refreshing';
}

const dateOf = (ms: number | undefined): Date | null => (ms === undefined ? null : new Date(ms));

const digestOf = ({ accessToken, refreshToken }: CodexLogin): Buffer =>
  sha256(JSON.stringify([accessToken, refreshToken ?? null]));

/** An account that had lost its login before has not got one by this; any other is what it was. */
function restored(held: HeldLogin, digest: Buffer): unknown[] {
  const isLost = held.status === 'login_required';
  const tokens = [held.access_token, held.refresh_token, held.id_token];
  const times = [held.access_token_expires_at, held.access_token_issued_at];
  const described = [held.id, held.label, held.plan, held.seat_type, held.external_workspace_id];
  const status = isLost ? held.status : asBefore(held.status);
  const kept = [held.import_digest, status, isLost ? held.status_reason : null];
  return [...described, ...tokens, ...times, ...kept, digest];
}

/** With its old login back an account is active; what its operator had decided is decided again. */
function asBefore(status: AccountStatus): AccountStatus {
  const active = reached('login_required', 'relink');
  if (status === 'paused') return reached(active, 'pause');
  return status === 'draining' ? reached(active, 'drain') : active;
}
