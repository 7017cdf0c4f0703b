import { Injectable, Logger } from '@nestjs/common';
import { SharedState } from '../../platform/shared-state/index.js';
import type { LimitScope, WindowLimit } from './limit-scope.js';
import { firstDayOf, startOfDayMs } from './windows.js';

const REMEMBERED_MS = 32 * 86_400_000;
const MOST_REMEMBERED = 10_000;

/** Whether so much of a budget of money is used that its operator wants to know. */
export const isWarned = ({ unit, max }: WindowLimit, warnPercent: number | undefined, used: number): boolean =>
  unit === 'nanoUsd' && warnPercent !== undefined && used * 100 >= max * warnPercent;

/** Tells operators of budgets that are nearly used up: once per budget and window, over all replicas. */
@Injectable()
export class BudgetWarnings {
  private readonly log = new Logger(BudgetWarnings.name);
  private readonly told = new Set<string>();

  constructor(private readonly shared: SharedState) {}

  /** @param used sums of each scope's windows, as the counters gave them. Never throws. */
  note(scopes: readonly LimitScope[], used: readonly (readonly number[])[], day: number): void {
    scopes.forEach(({ limit, windows, counter }, at) => {
      windows.forEach((window, number) => {
        const sum = used[at]?.[number] ?? 0;
        if (!isWarned(window, limit.warnPercent, sum)) return;
        // A week rolls on every day: it is told again when the day changes.
        const fromDay = firstDayOf(window.window, day);
        const name = `limit-warned ${counter.key} ${window.name} ${fromDay}`;
        const text = `${limit.scope} ${limit.id}: ${window.name} has used ${sum} of ${window.max} nano-USD`;
        void this.tellOnce(name, `${text}, counted from day ${new Date(startOfDayMs(fromDay)).toISOString()}.`);
      });
    });
  }

  private async tellOnce(name: string, text: string): Promise<void> {
    if (this.told.has(name)) return;
    if (this.told.size >= MOST_REMEMBERED) this.told.clear();
    this.told.add(name);
    // Without the shared state every replica tells it, rather than nobody.
    const isFirst = await this.shared.claim(name, REMEMBERED_MS).catch(() => true);
    if (isFirst) this.log.warn(text);
  }
}
