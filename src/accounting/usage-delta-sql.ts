import { USAGE_COUNTERS, type UsageCounter } from './rollups/usage-counters.js';

const ofOutcome = (outcome: string): string => `count(*) FILTER (WHERE outcome = '${outcome}')`;
const sum = (column: string): string => `coalesce(sum(${column}), 0)`;

/** What each counter is of a set of ledger rows: the one definition of all sums. */
export const LEDGER_SUMS: Readonly<Record<UsageCounter, string>> = {
  calls: 'count(*)',
  succeeded: ofOutcome('succeeded'),
  failed: ofOutcome('failed'),
  cancelled: ofOutcome('cancelled'),
  rejected: ofOutcome('rejected'),
  // A call that used nothing is no riddle.
  unknown_usage: `count(*) FILTER (WHERE NOT usage_known AND cost_status <> 'none')`,
  unpriced: `count(*) FILTER (WHERE cost_status = 'unpriced')`,
  input_uncached: sum('input_uncached'),
  input_cached: sum('input_cached'),
  cache_write: sum('cache_write'),
  output: sum('output'),
  reasoning: sum('reasoning'),
  estimated_input: sum('estimated_input'),
  estimated_output: sum('estimated_output'),
  cost_nano_usd: sum('cost_nano_usd'),
  metered_nano_usd: `coalesce(sum(cost_nano_usd) FILTER (WHERE metered), 0)`,
};

/** Which sum a ledger row belongs to: the columns of `usage_delta` before the counters, in their order. */
export const LEDGER_DIMENSIONS = `date_trunc('hour', received_at, 'UTC'), pool_id, key_id, account_id,
         coalesce(requested_model, '')`;

const deltas = (sign: '' | '-', only = ''): string => `
  INSERT INTO usage_delta (hour, pool_id, key_id, account_id, model, ${USAGE_COUNTERS.join(', ')})
  SELECT ${LEDGER_DIMENSIONS},
         ${USAGE_COUNTERS.map((counter) => `${sign}(${LEDGER_SUMS[counter]})`).join(', ')}
    FROM ledger_entry
   WHERE call_id = ANY($1::uuid[])${only}
   GROUP BY 1, 2, 3, 4, 5`;

/** `$1`: the calls whose ledger row this transaction wrote. */
export const ADD_TO_SUMS = deltas('');

/** `$1`: calls whose guesses are about to be replaced; who calls this holds their requests' locks. */
export const TAKE_GUESSES_FROM_SUMS = deltas('-', ` AND settled_by = 'sweeper'`);
