import { Injectable } from '@nestjs/common';
import type { CounterContents, Hold, Settled } from '../../platform/shared-state/index.js';
import type { Truth } from './limit-truth.repository.js';

/** How long what became of a reservation is told again: a counter may have been filled with what was true before. */
const SETTLED_FOR_MS = 30_000;

interface OpenReservation {
  readonly hold: Hold;
  /** Of the counters that it is in. */
  readonly keys: readonly string[];
}

/** The reservations of this process: those that are open, and what became of those that were until a moment ago. */
@Injectable()
export class OpenReservations {
  private readonly open = new Map<string, OpenReservation>();
  private readonly over = new Map<string, { readonly settled: Settled; readonly untilMs: number }>();

  get isEmpty(): boolean {
    return this.open.size === 0 && this.over.size === 0;
  }

  add(hold: Hold, keys: readonly string[]): void {
    this.open.set(hold.id, { hold, keys });
  }

  /** @returns what became of it; undefined when it was not open */
  end(id: string, used: { readonly tokens: number; readonly nanoUsd: number }, nowMs: number): Settled | undefined {
    const reservation = this.open.get(id);
    if (reservation === undefined) return undefined;
    this.open.delete(id);
    const settled = { keys: reservation.keys, id, day: reservation.hold.day, ...used };
    this.over.set(id, { settled, untilMs: nowMs + SETTLED_FOR_MS });
    return settled;
  }

  held(): OpenReservation[] {
    return [...this.open.values()];
  }

  settled(nowMs: number): Settled[] {
    for (const [id, { untilMs }] of this.over) if (untilMs <= nowMs) this.over.delete(id);
    return [...this.over.values()].map(({ settled }) => settled);
  }

  /** Of the calls that are in a counter, or were until a moment ago. */
  idsIn(key: string): string[] {
    return [
      ...[...this.open.values()].filter(({ keys }) => keys.includes(key)).map(({ hold }) => hold.id),
      ...[...this.over.values()].filter(({ settled }) => settled.keys.includes(key)).map(({ settled }) => settled.id),
    ];
  }

  /**
   * What is to be in a counter: what Postgres knows, and of our own calls those that it does not know of yet.
   *
   * @param ids what `idsIn` gave before Postgres was asked
   */
  completed(truth: Truth, ids: readonly string[], leaseMs: number): CounterContents {
    const known = new Set(truth.holds.map(({ id }) => id));
    const own = ids.flatMap((id) => {
      const hold = this.open.get(id)?.hold ?? this.over.get(id)?.settled;
      if (hold === undefined || known.has(id) || truth.settled.has(id)) return [];
      const { day, tokens, nanoUsd } = hold;
      return tokens + nanoUsd === 0 ? [] : { id, day, tokens, nanoUsd, endsInMs: leaseMs };
    });
    // A call that was never sent holds nothing, although its row may still be there.
    const rows = truth.holds.filter(({ id }) => !isNothing(this.over.get(id)?.settled));
    return { days: truth.days, asked: truth.asked, holds: [...rows, ...own] };
  }
}

const isNothing = (settled: Settled | undefined): boolean => settled?.tokens === 0 && settled.nanoUsd === 0;
