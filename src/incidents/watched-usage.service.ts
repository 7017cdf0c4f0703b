import { Injectable } from '@nestjs/common';
import { LimitStatusService, RecentOutcomesService } from '../accounting/index.js';
import { KeyAdminService, PoolService, UsageLimitService } from '../auth/index.js';
import type { RuleParams } from './rule-params.js';
import type { StoredRule } from './stored-rule.js';
import type { Watched, WatchedLimit } from './watched.js';

type WatchedUsageOf = Pick<Watched, 'pools' | 'keys' | 'limits' | 'outcomes'>;

const MINUTE_MS = 60_000;
const WINDOWS: readonly string[] = ['day', 'week', 'month'];

/** Pools and keys, what they have used of their limits, and how their calls end. */
@Injectable()
export class WatchedUsage {
  constructor(
    private readonly pools: PoolService,
    private readonly keys: KeyAdminService,
    private readonly limits: UsageLimitService,
    private readonly status: LimitStatusService,
    private readonly outcomes: RecentOutcomesService,
  ) {}

  /** Only what these rules look at. */
  async read(rules: readonly StoredRule[], nowMs: number): Promise<WatchedUsageOf> {
    const [pools, keys] = await Promise.all([this.pools.listPools(), this.keys.listKeys()]);
    const watchesLimits = rules.some(({ kind }) => kind === 'key_budget_threshold');
    return {
      pools: pools.filter(({ status }) => status === 'active'),
      keys: keys.filter(({ status }) => status === 'active'),
      limits: watchesLimits ? await this.limitsAt(nowMs) : [],
      outcomes: await this.outcomesOf(minutesOf(rules), nowMs),
    };
  }

  private async limitsAt(nowMs: number): Promise<WatchedLimit[]> {
    const all: WatchedLimit[] = [];
    // One after another: there may be many, and nobody waits for it.
    for (const limit of await this.limits.usageLimits()) {
      const { scope, id, warnPercent } = limit;
      const statuses = await this.status.statusOf([limit], nowMs);
      for (const status of statuses.filter(({ window }) => WINDOWS.includes(window))) {
        all.push({ scope, id, status, ...(warnPercent !== undefined && { warnPercent }) });
      }
    }
    return all;
  }

  private async outcomesOf(minutes: ReadonlySet<number>, nowMs: number): Promise<Watched['outcomes']> {
    const found: Watched['outcomes'] extends ReadonlyMap<infer K, infer V> ? Map<K, V> : never = new Map();
    for (const each of minutes) found.set(each, await this.outcomes.since(nowMs - each * MINUTE_MS));
    return found;
  }
}

const minutesOf = (rules: readonly StoredRule[]): ReadonlySet<number> =>
  new Set(
    rules
      .filter(({ kind }) => kind === 'key_error_rate' || kind === 'pool_error_rate')
      .map(({ params }) => (params as RuleParams<'pool_error_rate'>).minutes),
  );
