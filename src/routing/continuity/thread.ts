import type { AccountId, EventBatch, Principal, RoutedCall } from '../../core/index.js';
import type { Pin } from '../decision.js';
import { AnchorCollector } from './anchor-collector.js';
import { callFor } from './call-for.js';
import type { Holder, Home, Known } from './known.js';
import { sessionKey } from './session-digest.js';

/** A session that is used more often than this is not written down each time. */
const NOTED_AGAIN_MS = 10 * 60 * 1000;

type Noted = Omit<Home, 'sure'>;

/** Where a thread writes down what it learns. No method rejects. */
export interface Notes {
  /** For a session that has none: the home that wins. */
  settle(key: string, home: Noted): Promise<Noted>;
  /** For a session whose home changes. */
  move(key: string, home: Noted): Promise<void>;
  mint(digest: string, caller: Principal, maker: Pick<Holder, 'id'>, nowMs: number): Promise<void>;
}

/**
 * One call as a part of its session: where it goes on, what each account gets of it, and what it leaves behind for the
 * next. Nothing that it writes has to be waited for.
 *
 * Who a session is with changes in three ways only. The first account that answers it is its home; of two that do so at
 * once, one. A call that could not be served where it would have gone on makes whoever served it the new home. A call that
 * goes on elsewhere because of its anchors (a parallel thread of the session) changes nothing. A session whose reasoning
 * turned out to be unreadable begins anew where it is.
 */
export class Thread {
  private readonly collector = new AnchorCollector();
  private readonly key: string | undefined;
  private server: AccountId | undefined;
  private hasBegun = false;
  /** As it is after this call, when that is known. */
  private home: Noted | undefined;

  constructor(
    private readonly notes: Notes,
    private readonly call: RoutedCall,
    private readonly caller: Principal,
    readonly known: Known,
  ) {
    this.key = sessionKey(call, caller);
    this.home = known.home;
  }

  /** The call as one account gets it. */
  callFor(id: AccountId): RoutedCall {
    return callFor(this.call, id, this.known);
  }

  /** An account began to answer. @param pin where the call would have gone on */
  async served(id: AccountId, pin: Pin | undefined, nowMs: number): Promise<void> {
    this.server = id;
    if (this.key === undefined) return;
    const { home } = this.known;
    if (this.call.withoutReasoning === true) return this.move(this.key, { id, atMs: nowMs, since: [] });
    if (home === undefined || (home.id === id && !home.sure)) return this.settle(this.key, id, pin, nowMs);
    const isHeldElsewhere = home.id !== id && pin?.id === id;
    const isNoted = home.id === id && nowMs - home.atMs < NOTED_AGAIN_MS;
    if (isHeldElsewhere || isNoted) return;
    await this.move(this.key, home.id === id ? { ...home, atMs: nowMs } : { id, atMs: nowMs, since: [] });
  }

  private async move(key: string, home: Noted): Promise<void> {
    this.home = home;
    await this.notes.move(key, home);
  }

  private async settle(key: string, id: AccountId, pin: Pin | undefined, nowMs: number): Promise<void> {
    const since = this.known.home?.since ?? (pin !== undefined && pin.id !== id ? [] : undefined);
    const proposed = { id, atMs: nowMs, ...(since === undefined ? {} : { since }) };
    this.home = proposed;
    this.home = await this.notes.settle(key, proposed);
  }

  /** What the client is given of the answer. */
  async saw({ events }: Pick<EventBatch, 'events'>, nowMs: number): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    const found = events.map((event) => this.collector.saw(event)).filter((one) => one !== undefined);
    if (found.length === 0) return;
    const sealed = found.flatMap((one) => one.sealed);
    const all = [...sealed, ...found.flatMap(({ response }) => response ?? [])];
    if (all.length === 0) return;
    await Promise.all([
      ...all.map((digest) => this.notes.mint(digest, this.caller, { id: server }, nowMs)),
      this.begin(sealed[0], server, nowMs),
    ]);
  }

  /** Of a session that has moved: where in its input the part begins that its new account can read. */
  private async begin(sealed: string | undefined, server: AccountId, nowMs: number): Promise<void> {
    const { home, key } = this;
    if (sealed === undefined || key === undefined || home?.id !== server || home.since === undefined) return;
    const isKnown = home.since.length > 0 && !this.folds() && this.goesOnWith(server);
    if (this.hasBegun || isKnown) return;
    this.hasBegun = true;
    await this.move(key, { ...home, atMs: nowMs, since: [...home.since, sealed] });
  }

  /** A folded conversation is a beginning of its own. */
  private folds(): boolean {
    return this.call.operation === 'compaction' || this.call.operation === 'compact';
  }

  /** Whether this thread of the session was with the account before. */
  private goesOnWith(id: AccountId): boolean {
    const { anchors = [] } = this.call;
    return anchors.some(({ kind, digest }) => kind !== 'response' && this.known.minted.get(digest)?.id === id);
  }
}
