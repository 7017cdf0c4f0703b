import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Amounts, Hold, Settled } from '../../platform/shared-state/index.js';
import { LimitStore } from './limit-store.service.js';
import { OpenReservations } from './open-reservations.service.js';
import { RESERVATION_RENEWAL_MS } from './timing.js';

const NOTHING: Amounts = { tokens: 0, nanoUsd: 0 };

/** Keeps the reservations of this process while it lives, and says what became of them. */
@Injectable()
export class ReservationHolder implements OnApplicationShutdown {
  private waiting: Settled[] = [];
  private renewal: NodeJS.Timeout | undefined;

  constructor(
    private readonly open: OpenReservations,
    private readonly store: LimitStore,
  ) {}

  add(hold: Hold, keys: readonly string[]): void {
    this.open.add(hold, keys);
    this.renewLater();
  }

  /** Never throws; nothing happens the second time. */
  settle(id: string, used: Amounts): void {
    const settled = this.open.end(id, used, performance.now());
    if (settled === undefined) return;
    this.waiting.push(settled);
    if (this.waiting.length === 1) setImmediate(() => void this.tell());
  }

  /** The call was never sent. Never throws; nothing happens the second time. */
  release(id: string): void {
    this.settle(id, NOTHING);
  }

  /** All of this process at once. Never rejects. */
  async renew(): Promise<void> {
    await this.store.look();
    await this.store.renew(this.open.held(), this.open.settled(performance.now()));
  }

  /** Nothing more is going to be settled: what is open now was given up. */
  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.renewal);
    for (const { hold } of this.open.held()) this.release(hold.id);
    await this.tell();
  }

  private async tell(): Promise<void> {
    const settled = this.waiting;
    this.waiting = [];
    if (settled.length === 0) return;
    const unsent = settled.filter(({ tokens, nanoUsd }) => tokens + nanoUsd === 0).map(({ id }) => id);
    await Promise.all([this.store.settle(settled), unsent.length > 0 ? this.store.forget(unsent) : undefined]);
  }

  private renewLater(): void {
    this.renewal ??= setTimeout(() => {
      this.renewal = undefined;
      if (this.open.isEmpty) return;
      this.renewLater();
      void this.renew();
    }, jittered(RESERVATION_RENEWAL_MS)).unref();
  }
}

/** Up to a tenth earlier, so that the processes that started together do not all ask together. */
const jittered = (ms: number): number => ms * (0.9 + Math.random() / 10);
