/** A table of rows of calls, one partition per stretch of time. What no partition takes lies in `<name>_default`. */
export interface PartitionedTable {
  readonly name: 'request' | 'attempt' | 'ledger_entry';
  /** The call's id, by which the rows lie in partitions. */
  readonly id: 'id' | 'request_id' | 'call_id';
  /** Tells the age of the rows in `<name>_default`, whose ids may say nothing of it. */
  readonly time: 'received_at' | 'started_at' | 'occurred_at';
  /** Which of the old rows in `<name>_default` are still of use. */
  readonly keep?: string;
}

export const REQUESTS: PartitionedTable = {
  name: 'request',
  id: 'id',
  time: 'received_at',
  keep: "status = 'in_flight'",
};

export const ATTEMPTS: PartitionedTable = {
  name: 'attempt',
  id: 'request_id',
  time: 'started_at',
  keep: "EXISTS (SELECT FROM request WHERE request.id = attempt_default.request_id AND request.status = 'in_flight')",
};

/** A call that has its entry is not in flight. */
export const LEDGER: PartitionedTable = { name: 'ledger_entry', id: 'call_id', time: 'occurred_at' };
