import type { DataSource } from 'typeorm';

/** What became of a call: its request row, all ledger rows there are of it, and the attempts that nobody closed. */
export interface CallOutcome {
  readonly request_id: string;
  readonly status: string;
  readonly error_code: string | null;
  readonly blame: string | null;
  readonly ledger: readonly { readonly outcome: string; readonly settled_at: string }[] | null;
  readonly open_attempts: number;
}

const SELECT = `
  SELECT request_id, status, error_code, blame,
         (SELECT json_agg(ledger_entry) FROM ledger_entry WHERE call_id = request.id) AS ledger,
         (SELECT count(*)::int FROM attempt WHERE attempt.request_id = request.id AND status = 'in_flight') AS open_attempts
    FROM request WHERE request_id = ANY($1)`;

/** @param requestIds what the clients saw as `x-request-id` */
export const callOutcomes = (database: DataSource, requestIds: readonly string[]): Promise<CallOutcome[]> =>
  database.query<CallOutcome[]>(SELECT, [requestIds]);

const one = (ledger: object, request: object): unknown =>
  expect.objectContaining({ open_attempts: 0, ledger: [expect.objectContaining(ledger)], ...request });

/** Settled once, by the sweeper: how it went on is not known. */
export const LOST = one(
  {
    outcome: 'failed',
    usage_known: false,
    input_uncached: null,
    input_cached: null,
    cache_write: null,
    output: null,
    reasoning: null,
    settled_by: 'sweeper',
  },
  { status: 'failed', error_code: 'process_lost', blame: 'gateway' },
);

/** Settled once, as its upstream ended it. */
export const SERVED = one(
  { outcome: 'succeeded', usage_known: true, output: 32 },
  { status: 'succeeded', error_code: null },
);
