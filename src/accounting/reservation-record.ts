import type { CallId, KeyId, PoolId } from '../core/index.js';

/** A `reservation` row: how much of its limits a call may use, until it is settled. */
export interface ReservationRecord {
  readonly call_id: CallId;
  readonly process_id: string;
  readonly pool_id: PoolId;
  readonly key_id: KeyId;
  /** What is asked of the upstream. */
  readonly model: string;
  readonly tokens: number;
  /** Whole nano-USD ≥ 0. */
  readonly nano_usd: number;
  /** The call's: it counts for the day in which the call came. */
  readonly received_at: string;
}
