import type { ColdCounter, Counters } from '../../platform/shared-state/index.js';
import type { HeldCall, LimitCounters, Verdict } from './limit-counters.js';
import type { LimitScope } from './limit-scope.js';
import { limitsUnavailable } from './denial.js';
import { RESERVATION_LEASE_MS } from './timing.js';
import type { LimitTruthRepository } from './limit-truth.repository.js';
import type { OpenReservations } from './open-reservations.service.js';

/** A counter that is found cold more often than this is being flushed all the time. */
const TRIES = 10;

/** The counters of the shared state, filled from Postgres where they are cold. */
export class SharedLimitCounters implements LimitCounters {
  private readonly filling = new Map<string, Promise<void>>();

  constructor(
    private readonly counters: Counters,
    private readonly truth: Pick<LimitTruthRepository, 'of'>,
    private readonly own: OpenReservations,
    private readonly nowMs: () => number,
  ) {}

  /** @param epoch see `LimitEpochRepository` */
  async hold({ hold }: HeldCall, scopes: readonly LimitScope[], epoch = 0): Promise<Verdict> {
    const counters = scopes.map(({ counter }) => ({ ...counter, key: keyIn(epoch, counter.key) }));
    for (let tries = 0; tries < TRIES; tries += 1) {
      const answer = await this.counters.hold(hold, counters, RESERVATION_LEASE_MS);
      if (answer.result !== 'cold') return answer;
      await Promise.all(answer.cold.map((cold) => this.fill(cold, scopes[counters.findIndex(isOf(cold))])));
    }
    throw limitsUnavailable();
  }

  /** Once for all who wait for it: nobody is let in until it is done. */
  private async fill(cold: ColdCounter, scope: LimitScope | undefined): Promise<void> {
    if (scope === undefined) return;
    const name = `${cold.nonce} ${cold.key}`;
    const filling = this.filling.get(name) ?? this.fillNow(cold, scope).finally(() => this.filling.delete(name));
    this.filling.set(name, filling);
    await filling;
  }

  private async fillNow(cold: ColdCounter, { limit, counter }: LimitScope): Promise<void> {
    const ids = this.own.idsIn(counter.key);
    const truth = await this.truth.of(limit, this.nowMs(), ids).catch((thrown: unknown) => {
      throw limitsUnavailable(thrown);
    });
    await this.counters.fill(cold, this.own.completed(truth, ids, RESERVATION_LEASE_MS));
  }
}

/** Counters of another epoch are others. */
export const keyIn = (epoch: number, key: string): string => `${epoch}:${key}`;

const isOf =
  ({ key }: ColdCounter) =>
  (counter: { readonly key: string }): boolean =>
    counter.key === key;
