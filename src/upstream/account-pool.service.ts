import { Inject, Injectable } from '@nestjs/common';
import {
  GatewayError,
  LoginRequired,
  type AccountAccess,
  type AccountId,
  type EventBatch,
  type PoolId,
  type ResponseEvent,
  type RoutedCall,
  type UpstreamAnswer,
  type UpstreamKind,
  type UpstreamSocket,
} from '../core/index.js';
import { CONFIG, type Config } from '../platform/config/index.js';
import { AccountHealth } from './account-health.service.js';
import { AccountRows, type AccountRow } from './account-rows.service.js';
import type { AccountSnapshot } from './account-snapshot.js';
import { capacityOf, type Capacity } from './pool-capacity.js';
import { CredentialService } from './credential.service.js';
import { UpstreamKinds } from './kinds.js';
import { QuotaEvidence } from './quota/quota-evidence.service.js';
import { unlessAborted } from './unless-aborted.js';
import { watched } from './watched.js';

/** An account's answer to a call. */
export interface AccountAnswer extends UpstreamAnswer {
  /**
   * What a failed terminal event means when it is the first thing the upstream said: a failure that another account may
   * not have; the account sits out if it is the account's. `undefined` for an event that belongs to the client.
   */
  readonly failureOf: (event: ResponseEvent) => GatewayError | undefined;
}

/** A websocket to the upstream, open as one account. */
export interface AccountSocket extends Omit<UpstreamSocket, 'turn'> {
  readonly accountId: AccountId;
  /** As `UpstreamSocket.turn`; what the answer says of the account is noted like that of any other. */
  turn(call: RoutedCall, signal: AbortSignal): Promise<AccountAnswer>;
}

/** The account, and the credentials that were used last: those that a refusal is about. */
interface Tried {
  readonly id: AccountId;
  credentialEpoch: number;
}

/** How long an account sits out whose tokens could not be refreshed for now. */
const REFRESH_FAILED_COOLDOWN_MS = 30_000;

/** The upstream accounts of a Pool: what is known of them, and how to send a call through one. */
@Injectable()
export class AccountPoolService {
  constructor(
    private readonly rows: AccountRows,
    private readonly credentials: CredentialService,
    private readonly kinds: UpstreamKinds,
    private readonly health: AccountHealth,
    private readonly quota: QuotaEvidence,
    @Inject(CONFIG) private readonly config: Pick<Config, 'ACCOUNT_CONCURRENCY'>,
  ) {}

  /** A Pool's accounts, oldest first: what the database knew at most a second ago, and what this process knows now. */
  async snapshot(poolId: PoolId): Promise<readonly AccountSnapshot[]> {
    const rows = await this.rows.of(poolId, Date.now());
    return rows.map((row) => this.asOfNow(row));
  }

  /** What the Pool's accounts have left, as if they were one. */
  async capacity(poolId: PoolId): Promise<Capacity> {
    return capacityOf(await this.snapshot(poolId), Date.now());
  }

  /**
   * Send a call through one account. A 401 is worth one token refresh and one more try; failures that are the account's
   * own let it sit out.
   *
   * @param account as a snapshot gave it
   * @throws GatewayError for everything but an answer
   */
  open(account: AccountSnapshot, call: RoutedCall, signal: AbortSignal): Promise<AccountAnswer> {
    const kind = this.kinds.of(account.kind);
    const tried = triedOf(account);
    return this.exchange(kind, tried, () =>
      this.asAccount(account, tried, signal, (access) => kind.open(access, call, signal)),
    );
  }

  /**
   * Open a websocket as one account, with the same care for its credentials and its health.
   *
   * @param call what its first turn will be
   * @throws GatewayError
   */
  async connect(account: AccountSnapshot, call: RoutedCall, signal: AbortSignal): Promise<AccountSocket> {
    const kind = this.kinds.of(account.kind);
    const tried = triedOf(account);
    try {
      const socket = await this.asAccount(account, tried, signal, (access) => kind.connect(access, call, signal));
      return {
        accountId: account.id,
        get usable() {
          return socket.usable;
        },
        turn: (turn, until) =>
          this.exchange(kind, tried, () => this.renewing(tried, until, () => socket.turn(turn, until))),
        send: (frame) => socket.send(frame),
        close: () => socket.close(),
      };
    } catch (thrown) {
      throw this.judged(tried, GatewayError.from(thrown));
    }
  }

  /** Whether a websocket to an upstream is worth a try now: false for a while after the upstream refused them as such. */
  servesWebsockets(): boolean {
    return this.kinds.all.some((kind) => kind.servesWebsockets(Date.now()));
  }

  /** One answer, from asking for it to its end: counted as open, its failures judged, its quota reports noted. */
  private async exchange(kind: UpstreamKind, tried: Tried, ask: () => Promise<UpstreamAnswer>): Promise<AccountAnswer> {
    const leave = this.health.enter(tried.id);
    try {
      const answer = await ask();
      this.quota.saw(tried.id, answer.quota, Date.now());
      return {
        ...answer,
        batches: watched(answer.batches, (batch) => this.observe(kind, tried.id, batch), leave),
        failureOf: (event) => this.judged(tried, kind.failureOf(event, Date.now())),
      };
    } catch (thrown) {
      leave();
      throw this.judged(tried, GatewayError.from(thrown));
    }
  }

  private async asAccount<Result>(
    account: AccountSnapshot,
    tried: Tried,
    signal: AbortSignal,
    use: (access: AccountAccess) => Promise<Result>,
  ): Promise<Result> {
    const through = (access: AccountAccess): Promise<Result> => {
      tried.credentialEpoch = access.credentialEpoch;
      return use(access);
    };
    const access = await this.credentials.access(account);
    if (isOver(account, access)) return through(await this.renewed(access, signal));
    try {
      return await through(access);
    } catch (thrown) {
      if (!isUnauthorized(thrown)) throw thrown;
      return through(await this.renewed(access, signal, thrown));
    }
  }

  /**
   * Credentials that a websocket's turn was refused for are worth new ones, but those need a new websocket.
   *
   * @throws GatewayError `stream_interrupted` in place of the refusal once the account has new ones
   */
  private async renewing<Result>(tried: Tried, signal: AbortSignal, ask: () => Promise<Result>): Promise<Result> {
    try {
      return await ask();
    } catch (thrown) {
      if (!isUnauthorized(thrown)) throw thrown;
      await this.renewed(tried, signal, thrown);
      throw new GatewayError('stream_interrupted', 'The upstream websocket was opened with old credentials.', {
        cause: thrown,
      });
    }
  }

  /** @param refusal what made the credentials doubtful; its answer is relayed when they cannot be renewed */
  private async renewed(access: Tried, signal: AbortSignal, refusal?: GatewayError): Promise<AccountAccess> {
    try {
      return await unlessAborted(this.credentials.refreshed(access.id, access.credentialEpoch), signal);
    } catch (thrown) {
      if (signal.aborted || (thrown instanceof GatewayError && thrown.code === 'upstream_account_rejected'))
        throw thrown;
      const lost = thrown instanceof LoginRequired;
      throw new GatewayError('upstream_account_rejected', 'The upstream refused the account.', {
        ...refusal?.detail,
        // An account that needs a new login has left already; a cooldown would outlive that login.
        cooldownMs: lost ? 0 : REFRESH_FAILED_COOLDOWN_MS,
        ...(lost ? { upstreamCode: thrown.reason } : {}),
        cause: thrown,
      });
    }
  }

  private observe(kind: UpstreamKind, id: AccountId, batch: EventBatch): void {
    for (const event of batch.events) this.quota.saw(id, kind.quotaOf(event), Date.now());
  }

  private judged<Failure extends GatewayError | undefined>(tried: Tried, failure: Failure): Failure {
    if (failure) this.health.failed(tried, failure, Date.now());
    return failure;
  }

  private asOfNow(row: AccountRow): AccountSnapshot {
    const mark = this.health.cooldown(row.id, row.credentialEpoch);
    const cooling = mark && mark.untilMs > row.coolingUntilMs ? mark : undefined;
    const { operations } = this.kinds.of(row.kind);
    return {
      ...row,
      ...(operations ? { operations } : {}),
      windows: this.quota.windowsOf(row.id, row.windows),
      ...(cooling ? { coolingUntilMs: cooling.untilMs, coolingReason: cooling.reason } : {}),
      openExchanges: this.health.openExchanges(row.id),
      lanes: [],
      pulse: { failureShare: 0 },
      maxConcurrent: row.maxConcurrent ?? this.config.ACCOUNT_CONCURRENCY,
    };
  }
}

const triedOf = ({ id, credentialEpoch }: AccountSnapshot): Tried => ({ id, credentialEpoch });

const isUnauthorized = (thrown: unknown): thrown is GatewayError =>
  thrown instanceof GatewayError && thrown.code === 'upstream_account_rejected' && thrown.detail.upstreamStatus === 401;

/** The token has ended, so that sending the call with it would only cost a round trip. */
const isOver = (account: AccountSnapshot, access: AccountAccess): boolean =>
  access.credentialEpoch === account.credentialEpoch &&
  account.accessTokenExpiresAtMs !== undefined &&
  account.accessTokenExpiresAtMs <= Date.now();
