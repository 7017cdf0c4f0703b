import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayError } from '../../core/index.js';
import { SharedState, SharedStateUnavailable, type HeldIn, type Settled } from '../../platform/shared-state/index.js';
import { within } from '../../platform/database/index.js';
import { limitsUnavailable } from './denial.js';
import type { HeldCall, Verdict } from './limit-counters.js';
import { LimitEpochRepository, type Epoch } from './limit-epoch.repository.js';
import type { LimitScope } from './limit-scope.js';
import { LimitTruthRepository } from './limit-truth.repository.js';
import { OpenReservations } from './open-reservations.service.js';
import { PostgresCounters } from './postgres-counters.service.js';
import { SharedLimitCounters, keyIn } from './shared-limit-counters.js';
import { LIMIT_PATIENCE_MS, LIMIT_PROBE_MS, RESERVATION_LEASE_MS } from './timing.js';

/** The counters are moved about all the time. */
const TRIES = 10;
const PROBED = ['probe'];
/** In a single process there is nobody to disagree with. */
const ALONE: Epoch = { epoch: 0, store: 'redis' };

/** What a call was told, and whether its reservation counts only once its row is committed. */
export interface Counted {
  readonly verdict: Verdict;
  readonly mustBeDurable: boolean;
}

/**
 * Where calls are counted: in this process where it is alone, else in Redis, and in Postgres as soon as one process does
 * not reach Redis. Never nowhere.
 */
@Injectable()
export class LimitStore implements OnApplicationShutdown {
  private readonly log = new Logger(LimitStore.name);
  private readonly counters: SharedLimitCounters;
  private epoch: Epoch | undefined;
  private beginning: Promise<Epoch> | undefined;
  private redisIsAway = false;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private readonly shared: SharedState,
    truth: LimitTruthRepository,
    private readonly postgres: PostgresCounters,
    private readonly epochs: LimitEpochRepository,
    own: OpenReservations,
  ) {
    this.counters = new SharedLimitCounters(shared.counters, truth, own, Date.now);
  }

  /** @throws GatewayError `accounting_unavailable` when neither Redis nor Postgres can count */
  async hold(call: HeldCall, scopes: readonly LimitScope[]): Promise<Counted> {
    if (this.epoch === undefined) await this.begin();
    return this.count(call, scopes);
  }

  /** The same question for a call whose row is committed. The answer holds whatever happens to Redis from now on. */
  async confirm(call: HeldCall, scopes: readonly LimitScope[]): Promise<Verdict> {
    this.epoch = await unlessAway(this.epochs.read());
    return (await this.count(call, scopes)).verdict;
  }

  /** Says that these calls go on. Never rejects. */
  async renew(held: readonly HeldIn[], settled: readonly Settled[]): Promise<void> {
    await this.inRedis(async (epoch) => {
      await this.shared.counters.renewHolds(
        held.map(({ keys, hold }) => ({ hold, keys: keys.map((key) => keyIn(epoch, key)) })),
        RESERVATION_LEASE_MS,
      );
      await this.settleIn(epoch, settled);
    });
  }

  /** Never rejects. */
  async settle(settled: readonly Settled[]): Promise<void> {
    await this.inRedis((epoch) => this.settleIn(epoch, settled));
  }

  /** Takes away what is committed of calls that were never sent. Never rejects: the end of a call does the same. */
  async forget(ids: readonly string[]): Promise<void> {
    if (this.alone) return;
    await this.postgres.forget(ids).catch(() => undefined);
  }

  /** Where the counters are now, as others may have moved them. Never rejects. */
  async look(): Promise<void> {
    if (this.alone) return;
    try {
      this.epoch = await within(LIMIT_PATIENCE_MS, this.epochs.read());
      this.tickLater();
    } catch {
      // Postgres is away: nothing is let in until it is back, and then everybody looks.
    }
  }

  /** The name of a counter where calls are counted now; undefined while that is Postgres. */
  liveKey(key: string): string | undefined {
    const { epoch, store } = this.epoch ?? (this.alone ? ALONE : { epoch: 0, store: 'postgres' });
    return store === 'redis' && !this.redisIsAway ? keyIn(epoch, key) : undefined;
  }

  onApplicationShutdown(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private get alone(): boolean {
    return this.shared.reach === 'process';
  }

  private async begin(): Promise<void> {
    if (this.alone) return void (this.epoch = ALONE);
    // What an earlier process left in Redis may be old: it went on elsewhere, or without Redis.
    this.beginning ??= this.epochs.distrustRedis().finally(() => (this.beginning = undefined));
    this.epoch = await unlessAway(this.beginning);
    this.tickLater();
  }

  private async count(call: HeldCall, scopes: readonly LimitScope[]): Promise<Counted> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const { epoch, store } = this.epoch ?? ALONE;
      if (store === 'redis' && !this.redisIsAway) {
        const verdict = await this.inShared(call, scopes, epoch);
        if (verdict !== undefined) return { verdict, mustBeDurable: !this.alone };
      }
      const answer = await unlessAway(this.postgres.holdUnlessMoved(call, scopes, this.redisIsAway));
      if (answer.result !== 'moved') {
        this.movedTo({ epoch, store: 'postgres' });
        return { verdict: answer, mustBeDurable: false };
      }
      this.movedTo(answer.epoch);
    }
    throw limitsUnavailable();
  }

  /** @returns undefined when Redis is away */
  private async inShared(call: HeldCall, scopes: readonly LimitScope[], epoch: number): Promise<Verdict | undefined> {
    try {
      return await this.counters.hold(call, scopes, epoch);
    } catch (thrown) {
      this.lost(thrown);
      return undefined;
    }
  }

  private async settleIn(epoch: number, settled: readonly Settled[]): Promise<void> {
    await this.shared.counters.settleHolds(
      settled.map((each) => ({ ...each, keys: each.keys.map((key) => keyIn(epoch, key)) })),
    );
  }

  /** Nothing where Postgres counts: there the rows themselves say it. */
  private async inRedis(work: (epoch: number) => Promise<void>): Promise<void> {
    const { epoch, store } = this.epoch ?? ALONE;
    if (store !== 'redis' || this.redisIsAway) return;
    try {
      await work(epoch);
    } catch (thrown) {
      this.lost(thrown);
    }
  }

  private movedTo(epoch: Epoch): void {
    this.epoch = epoch;
    this.tickLater();
  }

  /** @throws what was thrown, unless it says that Redis is away */
  private lost(thrown: unknown): void {
    if (!(thrown instanceof SharedStateUnavailable)) throw thrown;
    if (!this.redisIsAway) this.log.warn('Redis does not answer: limits are counted in Postgres.');
    this.redisIsAway = true;
    this.tickLater();
  }

  private tickLater(): void {
    if (this.ended || this.alone || (!this.redisIsAway && this.epoch?.store !== 'postgres')) return;
    this.timer ??= setTimeout(() => void this.tick(), LIMIT_PROBE_MS).unref();
  }

  private async tick(): Promise<void> {
    try {
      if (this.redisIsAway) {
        await this.shared.counters.contents(PROBED);
        this.epoch = await within(LIMIT_PATIENCE_MS, this.epochs.distrustRedis());
        this.redisIsAway = false;
        this.log.log('Redis answers again.');
      } else {
        this.epoch = await within(LIMIT_PATIENCE_MS, this.epochs.leavePostgres());
      }
    } catch {
      // Away still: the next look is due in a moment.
    }
    this.timer = undefined;
    this.tickLater();
  }
}

/** @throws GatewayError `accounting_unavailable` when Postgres does not answer */
async function unlessAway<T>(work: Promise<T>): Promise<T> {
  try {
    return await within(LIMIT_PATIENCE_MS, work);
  } catch (thrown) {
    throw thrown instanceof GatewayError ? thrown : limitsUnavailable(thrown);
  }
}
