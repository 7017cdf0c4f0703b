import type { PartitionedTable } from './partitioned-table.js';
import type { Done, PartitionsRepository } from './partitions.repository.js';
import { planPartitions } from './plan-partitions.js';

/** What one round over a table did. */
export interface KeptPartitions {
  readonly created: number;
  readonly dropped: number;
  /** Rows that lay in a DEFAULT partition and are in one of their own now. */
  readonly moved: number;
  /** Partitions that could be neither created nor dropped now: somebody uses the table, or its rows. */
  readonly postponed: number;
}

/**
 * Makes the partitions that a table is going to need and drops those that are too old, the oldest first.
 *
 * @param retentionDays 0 keeps all of them
 * @param isTime says that it is enough for now
 */
export async function keepPartitions(
  partitions: PartitionsRepository,
  table: PartitionedTable,
  { nowMs, retentionDays }: { readonly nowMs: number; readonly retentionDays: number },
  isTime: () => boolean,
): Promise<KeptPartitions> {
  const counts = { created: 0, dropped: 0, moved: 0, postponed: 0 };
  const count = (done: Done, what: 'created' | 'dropped'): Done => {
    if (done === 'done') counts[what] += 1;
    if (done === 'held' || done === 'busy') counts.postponed += 1;
    return done;
  };
  const existing = await partitions.list(table);
  const plan = planPartitions(existing, nowMs, retentionDays);
  await untilBusy(plan.create, isTime, async (range) => {
    const { done, moved } = await partitions.create(table, range);
    counts.moved += moved;
    return count(done, 'created');
  });
  const over = plan.drop.flatMap((name) => existing.find((each) => each.name === name) ?? []);
  await untilBusy(over, isTime, async (stretch) => count(await partitions.drop(table, stretch), 'dropped'));
  return counts;
}

/** Each waits for a busy table as long as the one before: one is enough. */
async function untilBusy<Item>(
  items: readonly Item[],
  isTime: () => boolean,
  work: (item: Item) => Promise<Done>,
): Promise<void> {
  for (const item of items) if (isTime() || (await work(item)) === 'busy') return;
}
