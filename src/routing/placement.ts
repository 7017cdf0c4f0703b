import type { AccountId, EventBatch, Principal, RoutedCall } from '../core/index.js';
import type { AccountSnapshot } from '../upstream/index.js';
import type { AccountLeases } from './admission/account-leases.service.js';
import type { Admitted } from './admission/admitted.js';
import type { Lease } from './admission/lease-holder.service.js';
import type { Thread } from './continuity/thread.js';
import type { Decision } from './decision.js';
import type { RouterService, Routed } from './router.service.js';

/** An account that keeps a place for the call, and the call as that account is to get it. */
export interface Placed {
  readonly account: AccountSnapshot;
  readonly call: RoutedCall;
  /** Gives the place back; calling it again does nothing. */
  release(): void;
}

/** The call, whose it is, and what ends it. */
export interface Underway {
  readonly call: RoutedCall;
  readonly caller: Principal;
  readonly signal: AbortSignal;
  /** Unix time in milliseconds. */
  readonly now: () => number;
}

/** Those who wait for one moment do not all go on at that moment, but within so long. */
const SPREAD_MS = 100;
/** How long to look away from accounts that were passed over, when nothing says when they are free. */
const LOOK_AWAY_MS = 250;

/** One call that was let in, on its way to an account: whom to ask, whom next, and what its session learns of it. */
export class Placement {
  /** The last that was made: what the call was sent by, or refused for. */
  decision: Decision | undefined;
  private readonly tried = new Set<AccountId>();
  private readonly passedOver = new Set<AccountId>();

  constructor(
    private readonly router: Pick<RouterService, 'route'>,
    private readonly leases: Pick<AccountLeases, 'take' | 'waitForRoom'>,
    private readonly thread: Thread,
    private readonly admitted: Admitted,
    private readonly on: Underway,
  ) {}

  /**
   * The best account that the call was not sent to yet, with a place in it.
   *
   * Every time the Pool is looked at anew: an account that was found spent meanwhile is not asked, and one that came back
   * is.
   *
   * @param patient whether to wait, as long as the call may, for an account that is soon back or has room again
   * @returns undefined when nobody is left; `decision` says why
   * @throws GatewayError as `RouterService.route` does; `server_is_overloaded` when it waited in vain and was sent to nobody;
   *   the signal's reason
   */
  async next(patient: boolean): Promise<Placed | undefined> {
    const { call, caller, signal } = this.on;
    for (;;) {
      const way = { known: this.thread.known, admitted: this.admitted, tried: this.tried };
      const routed = await this.router.route(call, caller, way);
      const { decision } = routed;
      this.decision = decision;
      const free = decision.candidates.filter(({ account }) => !this.passedOver.has(account.id));
      for (const { account } of free) {
        const lease = await this.leases.take(account, this.admitted);
        if (lease) return this.placed(account, lease);
      }
      signal.throwIfAborted();
      if (!patient || !(await this.waited(routed))) return undefined;
    }
  }

  /** The account did not take the call after all, and nothing was sent: it is not asked again before something changed. */
  passOver(id: AccountId): void {
    this.tried.delete(id);
    this.passedOver.add(id);
  }

  /** An account began to answer. Need not be awaited, and never rejects. */
  async served(id: AccountId): Promise<void> {
    await this.thread.served(id, this.decision?.pin, this.on.now());
  }

  /** What the client is given of the answer. */
  saw(batch: Pick<EventBatch, 'events'>): void {
    void this.thread.saw(batch, this.on.now());
  }

  /** The call is over, however it ended. */
  release(): void {
    this.admitted.release();
  }

  private placed(account: AccountSnapshot, lease: Lease): Placed {
    this.tried.add(account.id);
    return { account, call: this.thread.callFor(account.id), release: () => lease.release() };
  }

  /** @returns false when waiting is in vain, or longer than the call may */
  private async waited({ decision, accounts }: Routed): Promise<boolean> {
    const full = fullOnes(decision, accounts).filter(({ id }) => !this.passedOver.has(id));
    const untilMs = nextLook(decision, this.on.now());
    const worthIt = full.length > 0 || untilMs + SPREAD_MS < this.admitted.waitsUntilMs;
    if (decision.ringLeft === 0 || !worthIt) return false;
    this.passedOver.clear();
    try {
      await this.leases.waitForRoom(this.admitted, full, this.on.signal, untilMs);
      return true;
    } catch (thrown) {
      if (this.on.signal.aborted) throw thrown;
      // It waited for time alone, and had too little of it: what the Pool says now is the answer.
      if (full.length === 0 && this.on.now() + SPREAD_MS >= this.admitted.waitsUntilMs) return true;
      // Whoever failed the call before has more to say about it than that nobody else had room.
      if (this.tried.size > 0) return false;
      throw thrown;
    }
  }
}

/** Those that could serve the call but for being full, best first: the candidates were full when they were asked. */
function fullOnes({ candidates, exclusions }: Decision, accounts: readonly AccountSnapshot[]): AccountSnapshot[] {
  const busy = exclusions.filter(({ reason, also }) => reason === 'saturated' && also.length === 0);
  const ids = new Set(busy.map(({ accountId }) => accountId));
  return [...candidates.map(({ account }) => account), ...accounts.filter(({ id }) => ids.has(id))];
}

/**
 * When something that no freed place tells may have changed: Unix time in milliseconds, Infinity when nothing will. What
 * may end at any moment, such as another call's try of an account, is looked at again soon.
 */
function nextLook({ candidates, exclusions, atMs }: Decision, nowMs: number): number {
  const soon = nowMs + LOOK_AWAY_MS;
  const ends = exclusions.flatMap(({ backAtMs, reason }) => {
    if (backAtMs === undefined || (reason === 'saturated' && backAtMs <= atMs)) return [];
    return backAtMs > atMs ? backAtMs : soon;
  });
  return Math.min(...ends, candidates.length > 0 ? soon : Infinity);
}
