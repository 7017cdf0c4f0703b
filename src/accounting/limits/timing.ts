/** How long a reservation outlives a process that is gone without a word, and how often a process says that it is not. */
export const RESERVATION_LEASE_MS = 45_000;
export const RESERVATION_RENEWAL_MS = 15_000;

/** How often a store that is away is asked whether it is back, and whether all may go back to it. */
export const LIMIT_PROBE_MS = 1_000;

/** A count that Postgres does not answer within this time is given up: the call is refused. */
export const LIMIT_PATIENCE_MS = 5_000;

export const LIMIT_REBUILD_PERIOD_MS = 300_000;
