/** Every period and threshold of the accounting module, in milliseconds, so that their relations can be read at once. */

/** How long a call waits for its intent to be committed. */
export const INTENT_PATIENCE_MS = 5_000;
/** Pause before a group of intents that could not be written is tried again. */
export const INTENT_RETRY_MS = 100;

/** How long a settlement may wait for others before they are handed over together. */
export const BATCH_WINDOW_MS = 50;
/** How often a gateway settles what the queue has had for too long, and how long that is. */
export const CONFIRM_PERIOD_MS = 5_000;
export const CONFIRM_AFTER_MS = 10_000;
/** So long may a settlement stay in the outbox, or a reservation behind its call, before the sweep looks at it. */
export const OUTBOX_PATIENCE_MS = 10_000;
/** Backoff of writes while the database is away: doubled from the first to the last. */
export const DIRECT_RETRY_FIRST_MS = 100;
export const DIRECT_RETRY_LAST_MS = 2_000;
/** A write that takes longer is given up and tried again: it is safe to repeat. */
export const DIRECT_PATIENCE_MS = 10_000;
/** How long a process that ends may take to write what it still holds. */
export const CLOSE_PATIENCE_MS = 4_000;

export const HEARTBEAT_PERIOD_MS = 5_000;
/** A heartbeat that takes longer is given up; the next one may find a working connection. */
export const HEARTBEAT_PATIENCE_MS = 4_000;
export const SWEEP_PERIOD_MS = 10_000;

/**
 * How often every process looks whether prices have changed, which it may not have heard, and how often it reads them
 * whatever it found; how often the worker looks for a new list.
 */
export const PRICE_LOOK_MS = 5_000;
export const PRICE_REFRESH_MS = 60_000;
export const PRICE_IMPORT_PERIOD_MS = 3_600_000;

export interface SweepThresholds {
  /** Silence after which a process is suspected: the first look. */
  readonly silentMs: number;
  /** How long a suspected process has to prove that it lives: the second look. */
  readonly graceMs: number;
  /** Age at which a call in flight whose process was never registered, or is gone, is settled. */
  readonly orphanMs: number;
}

/**
 * A process killed right after a heartbeat is settled after `silentMs` + one period + `graceMs` + one period, 50 s at
 * the latest. The grace is twice the heartbeat's period: a process that lives has two chances to say so.
 */
export const SWEEP_THRESHOLDS: SweepThresholds = { silentMs: 20_000, graceMs: 10_000, orphanMs: 60_000 };
