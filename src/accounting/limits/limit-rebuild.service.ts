import { Injectable, Logger } from '@nestjs/common';
import type { UsageLimit } from '../../core/index.js';
import { SharedState, type CounterContents } from '../../platform/shared-state/index.js';
import { pause } from '../pause.js';
import { driftOf, lasting, total, type Drift } from './drift.js';
import { counterKey } from './limit-scope.js';
import { LimitStore } from './limit-store.service.js';
import { LimitTruthRepository } from './limit-truth.repository.js';
import { OpenReservations } from './open-reservations.service.js';
import { RESERVATION_LEASE_MS } from './timing.js';

/** Drift is what this many looks agree on, so far apart. */
const LOOKS = 3;
const BETWEEN_LOOKS_MS = 2_000;
/** Of the counters that had drifted, this many are named in a result. */
const MOST_NAMED = 20;

export interface CounterDrift {
  readonly scope: 'key' | 'pool';
  readonly id: string;
  /** Sums over all days, each without its sign. */
  readonly tokens: number;
  readonly nanoUsd: number;
}

export interface RebuildResult {
  /** Counters that hold something; those that do not are filled from the truth when they are asked for. */
  readonly live: number;
  readonly repaired: number;
  readonly tokens: number;
  readonly nanoUsd: number;
  readonly drifted: readonly CounterDrift[];
}

/** Compares the counters of limits with what they copy, and makes them right again. */
@Injectable()
export class LimitRebuildService {
  private readonly log = new Logger(LimitRebuildService.name);
  protected readonly betweenLooksMs: number = BETWEEN_LOOKS_MS;

  constructor(
    private readonly shared: SharedState,
    private readonly store: LimitStore,
    private readonly truth: LimitTruthRepository,
    private readonly own: OpenReservations,
  ) {}

  /** @throws what Postgres throws, SharedStateUnavailable; what was repaired until then is */
  async rebuild(limits: readonly UsageLimit[]): Promise<RebuildResult> {
    await this.store.look();
    const all = [...new Map(limits.map((limit) => [counterKey(limit), limit] as const)).values()];
    const first = await this.look(all);
    let drifted = new Map([...first].filter(([, drift]) => drift.size > 0));
    for (let looks = 1; looks < LOOKS && drifted.size > 0; looks += 1) {
      await pause(this.betweenLooksMs);
      const again = await this.look([...drifted.keys()]);
      const agreed = [...drifted].map(
        ([limit, drift]) => [limit, lasting(drift, again.get(limit) ?? new Map())] as const,
      );
      drifted = new Map(agreed.filter(([, drift]) => drift.size > 0));
    }
    for (const limit of drifted.keys()) await this.repair(limit);
    return this.told(first.size, drifted);
  }

  private async look(limits: readonly UsageLimit[]): Promise<Map<UsageLimit, Map<number, Drift>>> {
    const found = new Map<UsageLimit, Map<number, Drift>>();
    for (const limit of limits) {
      const key = this.store.liveKey(counterKey(limit));
      const [counter] = key === undefined ? [] : await this.shared.counters.contents([key]);
      if (counter !== undefined) found.set(limit, driftOf(counter, await this.expected(limit)));
    }
    return found;
  }

  /** Whatever is let in meanwhile waits until it is filled again: the counter is cold. */
  private async repair(limit: UsageLimit): Promise<void> {
    const key = this.store.liveKey(counterKey(limit));
    if (key === undefined) return;
    const { counters } = this.shared;
    await counters.chill([key]);
    const answer = await counters.hold({ id: '-', day: 0, tokens: 0, nanoUsd: 0 }, [{ key, budgets: [] }], 1);
    const [cold] = answer.result === 'cold' ? answer.cold : [];
    if (cold !== undefined) await counters.fill(cold, await this.expected(limit));
  }

  private async expected(limit: UsageLimit): Promise<CounterContents> {
    const ids = this.own.idsIn(counterKey(limit));
    return this.own.completed(await this.truth.of(limit, Date.now(), ids), ids, RESERVATION_LEASE_MS);
  }

  private told(live: number, drifted: ReadonlyMap<UsageLimit, ReadonlyMap<number, Drift>>): RebuildResult {
    const each = [...drifted].map(([{ scope, id }, drift]): CounterDrift => ({ scope, id, ...total(drift) }));
    for (const { scope, id, tokens, nanoUsd } of each) {
      this.log.warn(`The counter of ${scope} ${id} was wrong by ${tokens} tokens and ${nanoUsd} nano-USD.`);
    }
    const sum = (unit: 'tokens' | 'nanoUsd') => each.reduce((all, drift) => all + drift[unit], 0);
    return {
      live,
      repaired: each.length,
      tokens: sum('tokens'),
      nanoUsd: sum('nanoUsd'),
      drifted: each.slice(0, MOST_NAMED),
    };
  }
}
