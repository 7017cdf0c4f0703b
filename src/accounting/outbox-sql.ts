/** `$1`: settlement records as JSON. A record that is there stays: whoever brings a call again says the same. */
export const KEEP = `
  INSERT INTO settlement_outbox (call_id, record)
  SELECT (record ->> 'id')::uuid, record FROM jsonb_array_elements($1::jsonb) AS record
   ORDER BY 1
      ON CONFLICT (call_id) DO NOTHING`;

/**
 * Of the calls `$1` those that nobody else is settling at this moment, as one JSON array; `batch` is null for none. `ends`:
 * of each when it was over, and the span that others are to see.
 */
export const TAKE = `
  WITH taken AS (
    DELETE FROM settlement_outbox
     WHERE call_id = ANY (ARRAY(SELECT call_id FROM settlement_outbox
                                 WHERE call_id = ANY($1::uuid[]) AND refused_at IS NULL
                                 ORDER BY call_id FOR UPDATE SKIP LOCKED))
    RETURNING call_id, record)
  SELECT jsonb_agg(record)::text AS batch, array_agg(call_id) AS "callIds",
         jsonb_agg(jsonb_build_object('completedAt', record -> 'completed_at', 'traceId', record -> 'trace_id',
                                      'spanId', record -> 'span_id')) AS ends
    FROM taken`;

/** `$1`: what Postgres did not take into the ledger. It stays until the sweep says what it can of it. */
export const REFUSE = 'UPDATE settlement_outbox SET refused_at = now() WHERE call_id = ANY($1::uuid[])';

/** The oldest that are older than `$1` ms, at most `$2`. A time in the future counts as old: the clock was set back. */
export const OVERDUE = `
  SELECT call_id AS "callId" FROM settlement_outbox
   WHERE refused_at IS NULL AND written_at NOT BETWEEN now() - $1 * interval '1 ms' AND now() + interval '1 minute'
   ORDER BY written_at
   LIMIT $2`;

/** The oldest that Postgres did not take, at most `$1`. */
export const REFUSED = `
  SELECT call_id AS "callId" FROM settlement_outbox WHERE refused_at IS NOT NULL ORDER BY written_at LIMIT $1`;

/** The record of the call `$1`, unless somebody else is at it. */
export const TAKE_REFUSED = `
  WITH taken AS (
    DELETE FROM settlement_outbox
     WHERE call_id = ANY (ARRAY(SELECT call_id FROM settlement_outbox
                                 WHERE call_id = $1 AND refused_at IS NOT NULL FOR UPDATE SKIP LOCKED))
    RETURNING record)
  SELECT record FROM taken`;

export const FORGET_REFUSED = 'DELETE FROM settlement_outbox WHERE call_id = $1 AND refused_at IS NOT NULL';
