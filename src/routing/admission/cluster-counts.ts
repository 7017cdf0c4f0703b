import type { AccountId } from '../../core/index.js';
import type { LeaseHolder } from './lease-holder.service.js';
import { accountKey } from './places.js';

/** How often the calls of all replicas are counted, while calls are routed. */
const READ_MS = 250;
/** A count that is older than this says nothing any more. */
const FRESH_MS = 1_000;

/** How many calls other processes have running on each account, as of a moment ago. */
export class ClusterCounts {
  private readonly others = new Map<AccountId, { readonly count: number; readonly atMs: number }>();
  private asked = new Set<AccountId>();
  private lastReadMs = -Infinity;
  private next: NodeJS.Timeout | undefined;

  /** @param nowMs a clock that never goes back */
  constructor(
    private readonly holder: Pick<LeaseHolder, 'alone' | 'counts' | 'own'>,
    private readonly nowMs: () => number,
  ) {}

  /** 0 where nothing is known. Asks for what is not, for the next time; never waits. */
  of(ids: readonly AccountId[]): number[] {
    if (this.holder.alone) return ids.map(() => 0);
    for (const id of ids) this.asked.add(id);
    const nowMs = this.nowMs();
    this.next ??= setTimeout(() => void this.read(), Math.max(0, this.lastReadMs + READ_MS - nowMs)).unref();
    return ids.map((id) => {
      const known = this.others.get(id);
      return known === undefined || nowMs - known.atMs > FRESH_MS ? 0 : known.count;
    });
  }

  /** Read them now, for those who can wait. */
  async refresh(ids: readonly AccountId[]): Promise<void> {
    if (this.holder.alone) return;
    for (const id of ids) this.asked.add(id);
    await this.read();
  }

  private async read(): Promise<void> {
    const ids = [...this.asked];
    this.asked = new Set();
    const own = ids.map((id) => this.holder.own(accountKey(id)));
    const counts = await this.holder.counts(ids.map(accountKey));
    this.lastReadMs = this.nowMs();
    this.next = undefined;
    ids.forEach((id, at) => {
      this.others.set(id, { count: (counts[at] ?? 0) - (own[at] ?? 0), atMs: this.lastReadMs });
    });
  }
}
