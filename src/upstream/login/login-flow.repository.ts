import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { AccountId, DeviceLogin, LoginChallenge } from '../../core/index.js';
import { SecretBox, sha256 } from '../../platform/crypto/index.js';
import type { LoginFlowRow, LoginTarget } from './login-flow-row.js';
import { loginAfter, type LoginEvent, type LoginStatus } from './login-flow-state.js';
import {
  CLAIM,
  INSERT,
  LABEL_TAKEN,
  LOCK_BY_STATE,
  MOVE,
  OVERDUE,
  PURGE,
  RELEASE,
  RELINKABLE,
  SELECT,
} from './login-flow-sql.js';
import { openLogin, sealLogin } from './sealed-login.js';

/** Longer than the provider may take for a poll. */
const POLL_MS = 60_000;
/** Longer than it may take to redeem a code, and then a refresh that is running to let go of the account's row. */
const EXCHANGE_MS = 120_000;
/** How long one that is over can still be looked at. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1_000;

export interface NewFlow {
  readonly id: string;
  readonly target: LoginTarget;
  readonly nowMs: number;
  readonly expiresAtMs: number;
}

/** What one process has for a while: nobody else polls or redeems. */
export interface Claimed {
  readonly row: LoginFlowRow;
  readonly until: Date;
}

interface Move {
  readonly id: string;
  readonly from: LoginStatus;
  readonly event: LoginEvent;
  /** Only while this claim is there. */
  readonly claim?: Date | null;
  readonly claimUntil?: Date;
  readonly errorCode?: string;
  readonly resultAccountId?: AccountId;
}

/** Logins on their way, in the database. Every change of their status is an edge of `loginAfter`. */
@Injectable()
export class LoginFlowRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SecretBox,
  ) {}

  async insertBrowser(flow: NewFlow, { state, verifier }: LoginChallenge, redirectUri: string): Promise<void> {
    const sealed = [sealLogin(this.box, flow.id, 'state', state), sealLogin(this.box, flow.id, 'verifier', verifier)];
    const browser = [sha256(state), ...sealed, redirectUri];
    await this.insert('browser', flow, [...browser, null, null, null, null, null]);
  }

  async insertDevice(flow: NewFlow, device: DeviceLogin): Promise<void> {
    const { deviceAuthId, userCode, verificationUri, intervalSeconds } = device;
    const pollAfter = new Date(flow.nowMs + intervalSeconds * 1_000);
    const shown = [userCode, verificationUri, intervalSeconds, pollAfter];
    const sealed = sealLogin(this.box, flow.id, 'device_auth_id', deviceAuthId);
    await this.insert('device', flow, [null, null, null, null, sealed, ...shown]);
  }

  /** The secrets of a row that is pending. */
  challengeOf({ id, state, verifier }: LoginFlowRow): LoginChallenge | undefined {
    if (state === null || verifier === null) return undefined;
    return { state: openLogin(this.box, id, 'state', state), verifier: openLogin(this.box, id, 'verifier', verifier) };
  }

  deviceOf({
    id,
    device_auth_id,
    user_code,
  }: LoginFlowRow): Pick<DeviceLogin, 'deviceAuthId' | 'userCode'> | undefined {
    if (device_auth_id === null || user_code === null) return undefined;
    return { deviceAuthId: openLogin(this.box, id, 'device_auth_id', device_auth_id), userCode: user_code };
  }

  async find(id: string): Promise<LoginFlowRow | undefined> {
    const [row] = await this.dataSource.query<LoginFlowRow[]>(`${SELECT} WHERE f.id = $1`, [id]);
    return row;
  }

  /** Those that are not over, oldest first. */
  open(): Promise<LoginFlowRow[]> {
    const sql = `${SELECT} WHERE f.status IN ('pending', 'exchanging') ORDER BY f.created_at, f.id`;
    return this.dataSource.query<LoginFlowRow[]>(sql);
  }

  async isLabelTaken(label: string): Promise<boolean> {
    return (await this.dataSource.query<unknown[]>(LABEL_TAKEN, [label])).length > 0;
  }

  /** Whether the account is there and one that people sign in to. */
  async canRelink(id: AccountId): Promise<boolean> {
    return (await this.dataSource.query<unknown[]>(RELINKABLE, [id])).length > 0;
  }

  transaction<T>(work: (db: EntityManager) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(work);
  }

  /** The flow of that state, over or not; nobody else can change it before the transaction ends. */
  async lockByState(db: EntityManager, state: string): Promise<LoginFlowRow | undefined> {
    const [row] = await db.query<LoginFlowRow[]>(LOCK_BY_STATE, [sha256(state)]);
    return row;
  }

  /** @returns undefined when it is not time to poll, or somebody else does */
  async claimPoll(id: string, nowMs: number): Promise<Claimed | undefined> {
    const until = new Date(nowMs + POLL_MS);
    const [, claimed] = await this.dataSource.query<[unknown, number]>(CLAIM, [id, new Date(nowMs), until]);
    const row = claimed === 0 ? undefined : await this.find(id);
    return row && { row, until };
  }

  /** Give a claim back, to poll again after a while. */
  async release({ row, until }: Claimed, nowMs: number, intervalSeconds: number): Promise<void> {
    const pollAfter = new Date(nowMs + intervalSeconds * 1_000);
    await this.dataSource.query(RELEASE, [row.id, until, pollAfter, intervalSeconds, new Date(nowMs)]);
  }

  /** A code came: from here on it is this process that redeems it. @returns the claim; undefined when it came too late */
  async beginExchange(
    { id, claimed_until }: LoginFlowRow,
    nowMs: number,
    db: EntityManager = this.dataSource.manager,
  ): Promise<Date | undefined> {
    const claimUntil = new Date(nowMs + EXCHANGE_MS);
    const move = { id, from: 'pending', event: 'code', claim: claimed_until, claimUntil } as const;
    return (await this.move(db, move, nowMs)) ? claimUntil : undefined;
  }

  /** @returns whether the row was there to be moved: in that status, with that claim */
  async move(db: EntityManager, move: Move, nowMs: number): Promise<boolean> {
    const { id, from, event, claim = null, claimUntil = null, errorCode = null, resultAccountId = null } = move;
    const to = loginAfter(from, event);
    if (to === undefined) return false;
    const [, moved] = await db.query<[unknown, number]>(MOVE, [
      ...[id, from, to, claim],
      ...[errorCode, resultAccountId, claimUntil, new Date(nowMs)],
    ]);
    return moved > 0;
  }

  /** Its end in a transaction of its own. */
  end(move: Move, nowMs: number): Promise<boolean> {
    return this.move(this.dataSource.manager, move, nowMs);
  }

  /** End those that took too long, and those whose code nobody will come back with. @param id only this one */
  async overdue(nowMs: number, id?: string): Promise<number> {
    const [, ended] = await this.dataSource.query<[unknown, number]>(OVERDUE, [new Date(nowMs), id ?? null]);
    return ended;
  }

  /** Forget what was over a week ago. */
  async purge(nowMs: number): Promise<number> {
    const [, purged] = await this.dataSource.query<[unknown, number]>(PURGE, [new Date(nowMs - KEPT_MS)]);
    return purged;
  }

  private async insert(kind: string, { id, target, nowMs, expiresAtMs }: NewFlow, columns: unknown[]): Promise<void> {
    const who =
      'relink' in target
        ? ['relink', target.relink, null, null, null]
        : ['link', null, target.label, target.poolId ?? null, target.within ? [...target.within] : null];
    const times = [new Date(expiresAtMs), new Date(nowMs)];
    await this.dataSource.query(INSERT, [id, kind, ...who, ...times, ...columns]);
  }
}
