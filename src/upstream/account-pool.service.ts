import { Injectable } from '@nestjs/common';
import {
  GatewayError,
  type AccountId,
  type EventBatch,
  type PoolId,
  type ResponseEvent,
  type RoutedCall,
  type UpstreamAnswer,
  type UpstreamKind,
  type UpstreamSocket,
} from '../core/index.js';
import { AccountActor, type Tried } from './account-actor.service.js';
import type { AccountSnapshot } from './account-snapshot.js';
import { AccountSnapshots } from './account-snapshots.service.js';
import { capacityOf, type Capacity } from './pool-capacity.js';
import { AccountHealth } from './health/account-health.service.js';
import { AnswerJudge, type Parting } from './health/answer-judge.js';
import type { Permit } from './health/permit.js';
import { UpstreamKinds } from './kinds.js';
import { QuotaEvidence } from './quota/quota-evidence.service.js';
import { watched } from './watched.js';

/** An account's answer to a call. */
export interface AccountAnswer extends UpstreamAnswer {
  /**
   * What a failed terminal event means when it is the first thing the upstream said: a failure that another account may
   * not have. `undefined` for an event that belongs to the client.
   */
  readonly failureOf: (event: ResponseEvent) => GatewayError | undefined;
}

/** A websocket to the upstream, open as one account. */
export interface AccountSocket extends Omit<UpstreamSocket, 'turn'> {
  readonly accountId: AccountId;
  /** As `UpstreamSocket.turn`; what the answer says of the account is noted like that of any other. */
  turn(call: RoutedCall, signal: AbortSignal, begun?: () => void): Promise<AccountAnswer>;
}

/** One call on its way to one account. */
interface Attempt {
  readonly kind: UpstreamKind;
  readonly tried: Tried;
  readonly call: RoutedCall;
  readonly permit: Permit;
}

/** The upstream accounts of a Pool: what is known of them, and how to send a call through one. */
@Injectable()
export class AccountPoolService {
  constructor(
    private readonly snapshots: AccountSnapshots,
    private readonly actor: AccountActor,
    private readonly kinds: UpstreamKinds,
    private readonly health: AccountHealth,
    private readonly quota: QuotaEvidence,
  ) {}

  /** A Pool's accounts, oldest first: what the database knew at most a second ago, and what this process knows now. */
  snapshot(poolId: PoolId): Promise<readonly AccountSnapshot[]> {
    return this.snapshots.of(poolId);
  }

  /** What the Pool's accounts have left, as if they were one. */
  async capacity(poolId: PoolId): Promise<Capacity> {
    return capacityOf(await this.snapshot(poolId), Date.now());
  }

  /**
   * Send a call through one account. A 401 is worth one token refresh and one more try; what it comes to is remembered of
   * the account.
   *
   * @param account as a snapshot gave it
   * @param begun   called when something is about to be sent
   * @throws GatewayError for everything but an answer; `upstream_account_busy` when something of the account is known to
   *   fail and another call is trying it: nothing was sent
   */
  async open(
    account: AccountSnapshot,
    call: RoutedCall,
    signal: AbortSignal,
    begun?: () => void,
  ): Promise<AccountAnswer> {
    const kind = this.kinds.of(account.kind);
    const tried = triedOf(account);
    const attempt = { kind, tried, call, permit: await this.permitted(account, call, begun) };
    return this.exchange(attempt, () =>
      this.actor.as(account, tried, signal, (access) => kind.open(access, call, signal)),
    );
  }

  /**
   * Open a websocket as one account, with the same care for its credentials and its health.
   *
   * @param call what its first turn will be
   * @throws GatewayError as `open` does
   */
  async connect(
    account: AccountSnapshot,
    call: RoutedCall,
    signal: AbortSignal,
    begun?: () => void,
  ): Promise<AccountSocket> {
    const kind = this.kinds.of(account.kind);
    const tried = triedOf(account);
    // Of the whole first call: asked for once, and judged when its turn has been answered.
    let first: Permit | undefined = await this.permitted(account, call, begun);
    const socket = await this.connected(first, tried, () =>
      this.actor.as(account, tried, signal, (access) => kind.connect(access, call, signal)),
    );
    // Its later turns are given to it by snapshots of their own, which knew better whether it sits out.
    const known = { ...account, coolingUntilMs: Number.POSITIVE_INFINITY };
    const permitOf = async (turn: RoutedCall, sending: (() => void) | undefined): Promise<Permit> => {
      const permit = first ?? (await this.permitted(known, turn, sending));
      first = undefined;
      return permit;
    };
    return {
      accountId: account.id,
      get usable() {
        return socket.usable;
      },
      turn: async (turn, until, sending) =>
        this.exchange({ kind, tried, call: turn, permit: await permitOf(turn, sending) }, () =>
          this.actor.turn(tried, until, () => socket.turn(turn, until)),
        ),
      send: (frame) => socket.send(frame),
      close: () => {
        first?.neutral();
        socket.close();
      },
    };
  }

  /** Whether a websocket to an upstream is worth a try now: false for a while after the upstream refused them as such. */
  servesWebsockets(): boolean {
    return this.kinds.all.some((kind) => kind.servesWebsockets(Date.now()));
  }

  private async permitted(account: AccountSnapshot, call: RoutedCall, begun?: () => void): Promise<Permit> {
    const permit = await this.health.begin(account, call);
    if (permit) {
      begun?.();
      return permit;
    }
    throw new GatewayError('upstream_account_busy', 'Another call is trying the account.', { unsent: true });
  }

  private async connected(
    permit: Permit,
    tried: Tried,
    connect: () => Promise<UpstreamSocket>,
  ): Promise<UpstreamSocket> {
    try {
      return await connect();
    } catch (thrown) {
      const failure = GatewayError.from(thrown);
      this.failed({ permit, tried }, failure);
      throw failure;
    }
  }

  /** One answer, from asking for it to its end: counted as open, judged, its quota reports noted. */
  private async exchange(attempt: Attempt, ask: () => Promise<UpstreamAnswer>): Promise<AccountAnswer> {
    const { kind, tried, permit } = attempt;
    const leave = this.health.enter(tried.id);
    try {
      const answer = await ask();
      this.quota.saw(tried, answer.quota, Date.now());
      const judge = this.judgeOf(attempt);
      const see = (batch: EventBatch): void => {
        judge.see(batch);
        this.observe(kind, tried, batch);
      };
      const ended = (parting: Parting): void => {
        leave();
        judge.ended(parting);
      };
      return {
        ...answer,
        batches: watched(answer.batches, see, ended),
        failureOf: (event) => judge.failureOf(event),
      };
    } catch (thrown) {
      leave();
      const failure = GatewayError.from(thrown);
      this.failed({ permit, tried }, failure);
      throw failure;
    }
  }

  private judgeOf({ kind, tried, call, permit }: Attempt): AnswerJudge {
    return new AnswerJudge(
      permit,
      call.stream,
      (event) => kind.failureOf(event, Date.now()),
      (failure) => this.failed({ permit, tried }, failure),
    );
  }

  private observe(kind: UpstreamKind, tried: Tried, batch: EventBatch): void {
    for (const event of batch.events) this.quota.saw(tried, kind.quotaOf(event), Date.now());
  }

  /** What a refusal says of the quota is known before anybody asks for another account. */
  private failed({ permit, tried }: Pick<Attempt, 'permit' | 'tried'>, failure: GatewayError): void {
    this.quota.saw(tried, failure.detail.quota, Date.now());
    permit.failed(failure, tried.credentialEpoch);
  }
}

const triedOf = ({ id, credentialEpoch }: AccountSnapshot): Tried => ({ id, credentialEpoch });
