import { gatewayBusy } from './gateway-busy.js';

/** Between two tries for what only another process can have freed. */
const POLL_MS = { shortest: 50, spread: 100 } as const;

/** See `serve`. */
const ROUNDS = 2;

/** A call that waits. */
export interface Waiter {
  /** Whose call it is. */
  readonly who: string;
  /** Those who wait for the same thing, for the same caller: they are served in the order in which they came. */
  readonly lane: string;
  /** How much of what it waits for its caller holds already: 0–1. The smallest is served first. */
  share(): number;
  /** At equal shares the smallest is served first, then who came first. */
  lastTurn(): number;
  /** Try to get it. @returns whether that worked */
  attempt(): Promise<boolean>;
  /** It leaves without being served, no attempt is going on, and what one has got goes back. Called once at most. */
  giveUp(): void;
}

interface Entry {
  readonly waiter: Waiter;
  readonly number: number;
  trying: boolean;
  left: boolean;
  /** Ends the wait, once. */
  end(how: 'served' | 'late' | { readonly failed: unknown }): void;
}

/**
 * Calls that wait for a place: bounded in number, and each in time. Whoever holds least is served next, so that a caller
 * with a hundred calls waiting delays the single call of another by one place at most. The same holds for the queue's
 * own room: when it is full, the last of those who have most in it makes room for one who has less.
 */
export class FairQueue {
  /** In each lane the first who came is the first. No lane is empty. */
  private readonly lanes = new Map<string, Entry[]>();
  private readonly waitingOf = new Map<string, number>();
  private waiting = 0;
  private arrivals = 0;
  private wakes = 0;
  private serving = false;
  private poll: NodeJS.Timeout | undefined;

  /**
   * @param size   how many may wait, at least 0
   * @param random 0 ≤ random < 1
   */
  constructor(
    private readonly size: number,
    private readonly random: () => number,
  ) {}

  /** How many wait. */
  get length(): number {
    return this.waiting;
  }

  hasLane(lane: string): boolean {
    return this.lanes.has(lane);
  }

  /**
   * @returns true when served, false when that took longer than `waitMs`
   * @throws GatewayError `server_is_overloaded` when there is no room to wait; the signal's reason
   */
  wait(waiter: Waiter, signal: AbortSignal, waitMs: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      this.makeRoom(waiter.who);
      const abort = (): void => entry.end({ failed: signal.reason });
      const timer = setTimeout(() => entry.end('late'), waitMs);
      const entry: Entry = {
        waiter,
        number: (this.arrivals += 1),
        trying: false,
        left: false,
        end: (how) => {
          if (entry.left) return;
          entry.left = true;
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          this.remove(entry);
          if (typeof how === 'object') reject(how.failed);
          else resolve(how === 'served');
          if (how !== 'served' && !entry.trying) waiter.giveUp();
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.add(entry);
      this.wake();
    });
  }

  /** There may be a place: lets those who wait try. */
  wake(): void {
    this.wakes += 1;
    if (!this.serving && this.waiting > 0) void this.serve(ROUNDS);
  }

  /**
   * Until nobody else can be served. One at a time: who is next depends on who was served.
   *
   * @param rounds how often in a row nobody must be served for that. A refusal may rest on what another one wanted a
   *   moment ago, who has got it since, or wants something else: after one round all of that is up to date.
   */
  private async serve(rounds: number): Promise<void> {
    this.serving = true;
    clearTimeout(this.poll);
    let left = rounds;
    while (left > 0 && this.waiting > 0) {
      const { wakes } = this;
      const served = await this.round();
      if (served || wakes !== this.wakes) left = ROUNDS;
      else left = this.lanes.size === 1 ? 0 : left - 1;
    }
    this.serving = false;
    if (this.waiting === 0) return;
    this.poll = setTimeout(() => void this.serve(1), POLL_MS.shortest + this.random() * POLL_MS.spread);
  }

  /** @returns whether anybody was served */
  private async round(): Promise<boolean> {
    const refused = new Set<string>();
    let served = false;
    for (let next = this.next(refused); next !== undefined; next = this.next(refused)) {
      if (await this.try(next)) served = true;
      else refused.add(next.waiter.lane);
    }
    return served;
  }

  /** @returns whether the next of its lane is worth a try */
  private async try(entry: Entry): Promise<boolean> {
    let served = false;
    entry.trying = true;
    try {
      served = await entry.waiter.attempt();
    } catch (thrown) {
      entry.end({ failed: thrown });
    }
    entry.trying = false;
    if (entry.left) entry.waiter.giveUp();
    else if (served) entry.end('served');
    return entry.left;
  }

  private next(refused: ReadonlySet<string>): Entry | undefined {
    let next: readonly [entry: Entry, rank: readonly number[]] | undefined;
    for (const [lane, [head]] of this.lanes) {
      if (head === undefined || refused.has(lane)) continue;
      const rank = [head.waiter.share(), head.waiter.lastTurn(), head.number];
      if (next === undefined || isLess(rank, next[1])) next = [head, rank];
    }
    return next?.[0];
  }

  private add(entry: Entry): void {
    const { who, lane } = entry.waiter;
    this.lanes.set(lane, [...(this.lanes.get(lane) ?? []), entry]);
    this.waitingOf.set(who, (this.waitingOf.get(who) ?? 0) + 1);
    this.waiting += 1;
  }

  private remove({ waiter: { who, lane }, number }: Entry): void {
    const others = this.lanes.get(lane)?.filter((entry) => entry.number !== number) ?? [];
    if (others.length > 0) this.lanes.set(lane, others);
    else this.lanes.delete(lane);
    const left = (this.waitingOf.get(who) ?? 0) - 1;
    if (left > 0) this.waitingOf.set(who, left);
    else this.waitingOf.delete(who);
    this.waiting -= 1;
    if (this.waiting === 0) clearTimeout(this.poll);
  }

  /** @throws GatewayError when nobody has more calls in the queue than `who` would have */
  private makeRoom(who: string): void {
    if (this.waiting < this.size) return;
    const most = Math.max(0, ...this.waitingOf.values());
    if (most <= (this.waitingOf.get(who) ?? 0) + 1) throw gatewayBusy();
    const last = [...this.lanes.values()]
      .flat()
      .filter(({ waiter }) => this.waitingOf.get(waiter.who) === most)
      .reduce((a, b) => (a.number > b.number ? a : b));
    last.end({ failed: gatewayBusy() });
  }
}

function isLess(some: readonly number[], others: readonly number[]): boolean {
  const at = some.findIndex((number, index) => number !== others[index]);
  return (some[at] ?? 0) < (others[at] ?? 0);
}
