import { within, type PartitionedTable } from '../../platform/partitions/index.js';

/** By the partial index of the calls in flight, whatever the number of rows. */
export const HOLDS_CALLS_IN_FLIGHT = (range: readonly [number, number]): string =>
  `EXISTS (SELECT FROM request WHERE status = 'in_flight' AND ${within('id', range)})`;

export const REQUESTS: PartitionedTable = {
  name: 'request',
  id: 'id',
  time: 'received_at',
  keep: "status = 'in_flight'",
  held: HOLDS_CALLS_IN_FLIGHT,
};

export const ATTEMPTS: PartitionedTable = {
  name: 'attempt',
  id: 'request_id',
  time: 'started_at',
  keep: "EXISTS (SELECT FROM request WHERE request.id = attempt_default.request_id AND request.status = 'in_flight')",
  held: HOLDS_CALLS_IN_FLIGHT,
};

/** A call that has its entry is not in flight. */
export const LEDGER: PartitionedTable = {
  name: 'ledger_entry',
  id: 'call_id',
  time: 'occurred_at',
  held: HOLDS_CALLS_IN_FLIGHT,
};
