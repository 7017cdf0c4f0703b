import { ATTEMPT, INSERT_REQUESTS } from './intent-sql.js';

/**
 * The statements of one settlement transaction, in order. `$1` is the batch as JSON where it is not said. Every one of
 * them takes its rows by call id, outbox before request before ledger before attempt before reservation, and so does the
 * sweep: writers that meet wait for each other and never in a circle. Each names the ids that it is about, so that
 * Postgres looks into the partitions of those only.
 */

const END = `status text, http_status integer, error_code text, blame text, decision jsonb,
  first_event_at timestamptz, completed_at timestamptz`;
const USAGE = `usage_known boolean, input_uncached bigint, input_cached bigint, cache_write bigint, output bigint,
  reasoning bigint, estimated_input bigint, estimated_output bigint, cost_status text, cost_nano_usd bigint,
  price_version text, actual_model text, service_tier text, account_id uuid, metered boolean`;
const ATTEMPT_END = `status text, error_code text, upstream_status integer, first_event_at timestamptz,
  completed_at timestamptz`;

/** For calls whose intent never became durable. */
export const ENSURE_REQUESTS = INSERT_REQUESTS;

/** `$1`: call ids. */
export const LOCK_REQUESTS = 'SELECT FROM request WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE';

/**
 * The one row per call. Whoever comes first writes it, and nobody changes it again, but for one case: the sweeper only
 * guesses, so a process that was taken for dead and is not may still put its own account in the place of the guess.
 */
export const INSERT_LEDGER = `
  INSERT INTO ledger_entry (call_id, outcome, usage_known, input_uncached, input_cached, cache_write, output, reasoning,
                            estimated_input, estimated_output, cost_status, cost_nano_usd, price_version,
                            model, service_tier, account_id, metered, pool_id, key_id, settled_by, occurred_at,
                            settled_at, received_at, requested_model)
  SELECT id, status, usage_known, input_uncached, input_cached, cache_write, output, reasoning,
         estimated_input, estimated_output,
         coalesce(cost_status, CASE WHEN usage_known THEN 'unpriced' ELSE 'unknown' END), cost_nano_usd, price_version,
         actual_model, service_tier, account_id, coalesce(metered, false), pool_id, key_id, $2, completed_at, now(),
         received_at, model
    FROM jsonb_to_recordset($1::jsonb)
         AS call(id uuid, pool_id uuid, key_id uuid, received_at timestamptz, model text, ${END}, ${USAGE})
   ORDER BY id
      ON CONFLICT (call_id) DO UPDATE
     SET outcome = excluded.outcome, usage_known = excluded.usage_known, input_uncached = excluded.input_uncached,
         input_cached = excluded.input_cached, cache_write = excluded.cache_write, output = excluded.output,
         reasoning = excluded.reasoning, estimated_input = excluded.estimated_input,
         estimated_output = excluded.estimated_output, cost_status = excluded.cost_status,
         cost_nano_usd = excluded.cost_nano_usd, price_version = excluded.price_version,
         model = excluded.model, service_tier = excluded.service_tier,
         account_id = excluded.account_id, metered = excluded.metered, settled_by = excluded.settled_by,
         occurred_at = excluded.occurred_at, settled_at = excluded.settled_at
   WHERE ledger_entry.settled_by = 'sweeper'
  RETURNING call_id`;

/** `$2`: the calls whose ledger row this transaction wrote. */
export const CLOSE_REQUESTS = `
  UPDATE request
     SET status = call.status, http_status = call.http_status, error_code = call.error_code, blame = call.blame,
         decision = call.decision, attempt_count = jsonb_array_length(call.attempts),
         first_event_at = call.first_event_at, completed_at = call.completed_at
    FROM jsonb_to_recordset($1::jsonb) AS call(id uuid, attempts jsonb, ${END})
   WHERE request.id = call.id AND request.id = ANY($2::uuid[])`;

/** `$2` as above. */
export const CLOSE_ATTEMPTS = `
  INSERT INTO attempt (request_id, number, account_id, account_label, metered, started_at, status, error_code,
                       upstream_status, first_event_at, completed_at)
  SELECT call.id, tried.number, tried.account_id, tried.account_label, coalesce(tried.metered, false), tried.started_at,
         tried.status, tried.error_code, tried.upstream_status, tried.first_event_at, tried.completed_at
    FROM jsonb_to_recordset($1::jsonb) AS call(id uuid, attempts jsonb),
         jsonb_to_recordset(call.attempts) AS tried(${ATTEMPT}, ${ATTEMPT_END})
   WHERE call.id = ANY($2::uuid[])
   ORDER BY call.id, tried.number
      ON CONFLICT (request_id, number) DO UPDATE
     SET status = excluded.status, error_code = excluded.error_code, upstream_status = excluded.upstream_status,
         first_event_at = excluded.first_event_at, completed_at = excluded.completed_at`;

/** `$1`: call ids. What they held of their limits is theirs no more. */
export const END_RESERVATIONS = 'DELETE FROM reservation WHERE call_id = ANY($1::uuid[])';
