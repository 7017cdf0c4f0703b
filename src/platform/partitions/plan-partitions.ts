const DAY_MS = 86_400_000;

/** One partition: rows of `fromMs` and later, before `toMs`, Unix time. */
export interface Stretch {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PartitionPlan {
  /** Oldest first, each beginning where the one before ends. */
  readonly create: readonly (readonly [fromMs: number, toMs: number])[];
  /** Names, oldest first. */
  readonly drop: readonly string[];
}

type Width = 'day' | 'week' | 'month';

/** Whole ones beyond the one that now lies in. */
const WIDTHS_AHEAD = 2;

/** 1970-01-05, a Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/**
 * Which partitions a table lacks, and which are over. All begin and end at midnight UTC. Those that are there keep their
 * bounds: another retention makes others from their end on.
 *
 * @param retentionDays 0 keeps all of them
 */
export function planPartitions(existing: readonly Stretch[], nowMs: number, retentionDays: number): PartitionPlan {
  const width = widthFor(retentionDays);
  const oldestMs = retentionDays === 0 ? -Infinity : nowMs - retentionDays * DAY_MS;
  const drop = existing.filter(({ toMs }) => toMs <= oldestMs).sort((a, b) => a.fromMs - b.fromMs);
  return { create: missing(existing, nowMs, oldestMs, width), drop: drop.map(({ name }) => name) };
}

/** So wide that a table has some twenty partitions. */
function widthFor(retentionDays: number): Width {
  if (retentionDays === 0 || retentionDays > 120) return 'month';
  return retentionDays > 14 ? 'week' : 'day';
}

function missing(existing: readonly Stretch[], nowMs: number, oldestMs: number, width: Width): [number, number][] {
  const last = Math.max(-Infinity, ...existing.map(({ toMs }) => toMs));
  const beginMs = Number.isFinite(last) ? last : startOf(nowMs, width);
  let endMs = startOf(nowMs, width);
  for (let ahead = 0; ahead <= WIDTHS_AHEAD; ahead++) endMs = nextStart(endMs, width);
  const create: [number, number][] = [];
  for (let fromMs = Math.max(beginMs, startOf(oldestMs, width)); fromMs < endMs;) {
    const toMs = nextStart(fromMs, width);
    create.push([fromMs, toMs]);
    fromMs = toMs;
  }
  return create;
}

function startOf(atMs: number, width: Width): number {
  if (!Number.isFinite(atMs)) return atMs;
  if (width === 'day') return Math.floor(atMs / DAY_MS) * DAY_MS;
  if (width === 'week') return atMs - modulo(atMs - FIRST_MONDAY_MS, 7 * DAY_MS);
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
}

function nextStart(atMs: number, width: Width): number {
  if (width === 'day') return startOf(atMs, width) + DAY_MS;
  if (width === 'week') return startOf(atMs, width) + 7 * DAY_MS;
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1);
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by;
