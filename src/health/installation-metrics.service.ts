import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { PoolService } from '../auth/index.js';
import { CONFIG, type Config } from '../platform/config/index.js';
import { watch, type Readings } from '../platform/metrics/index.js';
import { JobOverview } from '../platform/queue/index.js';
import { AccountStates } from '../upstream/index.js';
import { accountReadings } from './account-readings.js';

/** Says how the installation is, as its stores have it. One worker is enough for that: the gateways say what they do. */
@Injectable()
export class InstallationMetrics implements OnModuleInit, OnModuleDestroy {
  private readonly ends: (() => void)[] = [];

  constructor(
    private readonly accounts: AccountStates,
    private readonly pools: PoolService,
    private readonly jobs: JobOverview,
    @Inject(CONFIG) private readonly config: Pick<Config, 'ACCOUNT_CONCURRENCY'>,
  ) {}

  onModuleInit(): void {
    this.ends.push(
      watch(() => this.ofAccounts(Date.now())),
      watch(() => this.ofQueues(Date.now())),
    );
  }

  onModuleDestroy(): void {
    for (const end of this.ends) end();
  }

  private async ofAccounts(nowMs: number): Promise<Readings> {
    const [accounts, pools] = await Promise.all([this.accounts.all(nowMs), this.pools.listPools()]);
    return accountReadings({ accounts, pools, defaultCap: this.config.ACCOUNT_CONCURRENCY }, nowMs);
  }

  private async ofQueues(nowMs: number): Promise<Readings> {
    const [queues, oldest] = await Promise.all([this.jobs.depths(), this.jobs.oldest()]);
    return {
      gw_queue_depth: queues.flatMap(({ queue, depth = {} }) =>
        Object.entries(depth).map(([state, value]) => ({ labels: { queue, state }, value })),
      ),
      gw_queue_oldest_seconds: queues.flatMap(({ queue, depth }) =>
        depth === undefined
          ? []
          : [{ labels: { queue }, value: Math.max(0, nowMs - (oldest.get(queue) ?? nowMs)) / 1000 }],
      ),
    };
  }
}
