const REQUEST = `id uuid, request_id text, process_id uuid, pool_id uuid, key_id uuid, key_label text, dialect text,
  route text, transport text, model text, session_digest text, trace_id text, received_at timestamptz`;
export const ATTEMPT = 'number integer, account_id uuid, account_label text, metered boolean, started_at timestamptz';
const RESERVATION = `call_id uuid, process_id uuid, pool_id uuid, key_id uuid, model text, tokens bigint,
  nano_usd bigint, received_at timestamptz`;

/** `$1`: requests as JSON. */
export const INSERT_REQUESTS = `
  INSERT INTO request (id, request_id, process_id, pool_id, key_id, key_label, dialect, route, transport, model,
                       session_digest, trace_id, received_at, status)
  SELECT id, request_id, process_id, pool_id, key_id, key_label, dialect, route, transport, model,
         decode(session_digest, 'hex'), trace_id, received_at, 'in_flight'
    FROM jsonb_to_recordset($1::jsonb) AS call(${REQUEST})
   ORDER BY id
      ON CONFLICT (id) DO NOTHING`;

/** Postgres runs statements of one WITH in no fixed order: counting the first one's rows makes the others wait for it. */
const AFTER_REQUESTS = '(SELECT count(*) FROM requests) >= 0';
const OPEN = 'NOT IN (SELECT call_id FROM settled)';

/**
 * Requests `$1`, attempts `$2` and reservations `$3` of a group of intents, requests first as in a settlement; `$4`: the
 * ids of all their calls. A call that is settled gets no late attempt, and holds nothing of its limits.
 */
export const INSERT_INTENTS = `
  WITH settled AS MATERIALIZED (SELECT call_id FROM ledger_entry WHERE call_id = ANY($4::uuid[])),
  requests AS (${INSERT_REQUESTS} RETURNING id),
  reservations AS (
    INSERT INTO reservation (call_id, process_id, pool_id, key_id, model, tokens, nano_usd, received_at)
    SELECT call_id, process_id, pool_id, key_id, model, tokens, nano_usd, received_at
      FROM jsonb_to_recordset($3::jsonb) AS reservation(${RESERVATION})
     WHERE ${AFTER_REQUESTS} AND call_id ${OPEN}
     ORDER BY call_id
        ON CONFLICT (call_id) DO NOTHING)
  INSERT INTO attempt (request_id, number, account_id, account_label, metered, started_at, status)
  SELECT request_id, number, account_id, account_label, coalesce(metered, false), started_at, 'in_flight'
    FROM jsonb_to_recordset($2::jsonb) AS attempt(request_id uuid, ${ATTEMPT})
   WHERE ${AFTER_REQUESTS} AND request_id ${OPEN}
   ORDER BY request_id, number
      ON CONFLICT (request_id, number) DO NOTHING`;
