import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Cost, EstimatedUsage } from '../../core/index.js';
import { SharedState } from '../../platform/shared-state/index.js';
import { safeError } from '../../platform/telemetry/index.js';
import { PRICE_LOOK_MS, PRICE_REFRESH_MS } from '../timing.js';
import { BUILT_IN_PRICES } from './built-in-prices.js';
import { costOf, estimateOf, type PricedCall } from './cost-of.js';
import { basePricesOf } from './price-file.js';
import { compareVersions, priceList, type BasePrices, type PriceList } from './price-list.js';
import { PriceRepository } from './price.repository.js';

const PRICE_CHANNEL = 'prices';

/**
 * The price list that holds now: the newer one of what we ship and what was imported, with what the operator set in its
 * place. It is kept in memory, so that a call's cost needs no database; a change is broadcast, and looked for every
 * five seconds. While the database is away the last list that was read goes on.
 */
@Injectable()
export class PriceService implements OnModuleInit, OnModuleDestroy {
  private readonly log = new Logger(PriceService.name);
  private list: PriceList = priceList(BUILT_IN_PRICES, []);
  private feed: { readonly id: string; readonly prices: BasePrices } | undefined;
  private readonly timers: NodeJS.Timeout[] = [];
  /** Names the newest that the list was read with. */
  private newest: string | undefined;
  private unsubscribe: (() => Promise<void>) | undefined;
  private listening: Promise<void> | undefined;
  private asked = 0;
  private shown = 0;

  constructor(
    private readonly prices: PriceRepository,
    private readonly shared: SharedState,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.tryRefresh();
    this.timers.push(
      setInterval(() => void this.look(), PRICE_LOOK_MS).unref(),
      setInterval(() => void this.tryRefresh(), PRICE_REFRESH_MS).unref(),
    );
  }

  async onModuleDestroy(): Promise<void> {
    for (const timer of this.timers.splice(0)) clearInterval(timer);
    await this.unsubscribe?.();
  }

  current(): PriceList {
    return this.list;
  }

  /** What a call comes to by the usage that the upstream reported. */
  costOf(call: PricedCall): Cost {
    return costOf(call, this.list);
  }

  /** What a call comes to, or may come to, by our own count. */
  estimateOf(model: string, serviceTier: string | undefined, usage: EstimatedUsage): Cost {
    return estimateOf(model, serviceTier, usage, this.list);
  }

  /** @throws what the database throws; the list stays as it was */
  async refresh(): Promise<PriceList> {
    const turn = ++this.asked;
    const [overrides, newest] = await Promise.all([this.prices.overrides(), this.prices.newestFeed()]);
    const feed = newest && (await this.feedOf(newest.id));
    const base = feed && compareVersions(feed.version, BUILT_IN_PRICES.version) >= 0 ? feed : BUILT_IN_PRICES;
    // One that asked later may have answered before.
    if (turn > this.shown) {
      this.shown = turn;
      this.list = priceList(base, overrides);
    }
    return this.list;
  }

  /** Reads the list anew if there is anything new: who sets a price on the command line may have told nobody. Never rejects. */
  async look(): Promise<void> {
    try {
      const newest = await this.prices.newest();
      if (newest === this.newest) return;
      await this.refresh();
      this.newest = newest;
    } catch {
      // Away: those that are known go on, and the next refresh says so.
    }
  }

  /** Reads the list anew, here and in every process that hears of it. */
  async changed(): Promise<PriceList> {
    const list = await this.refresh();
    await this.shared.publish(PRICE_CHANNEL, '').catch((error: unknown) => {
      this.log.warn({ msg: 'a change of prices was not broadcast', error: safeError(error) });
    });
    return list;
  }

  /** Read once: what was imported never changes. */
  private async feedOf(id: string): Promise<BasePrices> {
    if (this.feed?.id !== id) this.feed = { id, prices: basePricesOf(await this.prices.feedBody(id)) };
    return this.feed.prices;
  }

  private async tryRefresh(): Promise<void> {
    if (!this.unsubscribe) await this.listen();
    await this.refresh().catch((error: unknown) => {
      this.log.warn({ msg: 'prices were not read; those that are known go on', error: safeError(error) });
    });
  }

  /** Never rejects: while changes are not heard of they are found all the same, and each refresh tries again. */
  private listen(): Promise<void> {
    const heard = (): void => void this.tryRefresh();
    this.listening ??= this.shared
      .subscribe(PRICE_CHANNEL, heard, heard)
      .then((unsubscribe) => void (this.unsubscribe = unsubscribe))
      .catch(() => undefined)
      .finally(() => (this.listening = undefined));
    return this.listening;
  }
}
