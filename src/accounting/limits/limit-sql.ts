/** Tokens of a rollup row: what was reported, and our own count where nothing was. */
const TOKENS = 'input_uncached + input_cached + cache_write + output + reasoning + estimated_input + estimated_output';

const ofModel = '($3::text IS NULL OR lower(btrim(model)) LIKE $3)';

/** Every process says every 5 s that it lives. */
const LEASE = "interval '45 seconds'";
/** For a process that is only late: it renews what it holds within that time. */
const LATE = "interval '10 seconds'";
/** Gone for sure: the sweep was told so twice, as it wants it, or nobody knows of the process at all. */
const GONE = `(process.suspected_at <= now() - interval '10 seconds'
  OR (process.id IS NULL AND reserved_at < now() - interval '60 seconds'))`;

/**
 * All that a counter holds, in one snapshot: `$1` whose calls, `$2` first day, `$3` pattern of LIKE or null, `$4` no id
 * of a request of the last minutes is less, `$5` ids of calls that the caller wants to know of whether they are settled.
 */
const contentsOf = (owner: 'key_id' | 'pool_id'): string => `
  SELECT
    (SELECT coalesce(json_agg(json_build_array(day - date '1970-01-01', tokens, nano_usd)), '[]')
       FROM (SELECT day, sum(tokens) AS tokens, sum(nano_usd) AS nano_usd
               FROM (SELECT day, ${TOKENS} AS tokens, cost_nano_usd AS nano_usd
                       FROM usage_daily WHERE ${owner} = $1 AND day >= $2::date AND ${ofModel}
                      UNION ALL
                     SELECT (hour AT TIME ZONE 'UTC')::date, ${TOKENS}, cost_nano_usd
                       FROM usage_delta
                      WHERE ${owner} = $1 AND hour >= $2::date::timestamp AT TIME ZONE 'UTC' AND ${ofModel}) AS used
              GROUP BY day) AS summed) AS days,
    (SELECT coalesce(json_agg(json_build_array(
              call_id, (received_at AT TIME ZONE 'UTC')::date - date '1970-01-01', tokens, nano_usd,
              1000 * extract(epoch FROM
                greatest(coalesce(heartbeat_at, reserved_at) + ${LEASE}, now() + ${LATE}) - now()))), '[]')
       FROM reservation LEFT JOIN gateway_process AS process ON process.id = process_id
      WHERE ${owner} = $1 AND ${ofModel} AND ${GONE} IS NOT TRUE) AS holds,
    (SELECT coalesce(json_agg(json_build_array(id, greatest(0, 1000 * extract(epoch FROM now() - at)))), '[]')
       FROM (SELECT id, max(at) AS at
               FROM (SELECT call_id AS id, reserved_at AS at
                       FROM reservation
                      WHERE ${owner} = $1 AND ${ofModel} AND reserved_at > now() - interval '60 seconds'
                      UNION ALL
                     SELECT id, received_at
                       FROM request
                      WHERE ${owner} = $1 AND ${ofModel} AND id >= $4 AND status <> 'rejected'
                        AND received_at > now() - interval '60 seconds') AS come
              GROUP BY id) AS each) AS asked,
    (SELECT coalesce(json_agg(call_id), '[]') FROM ledger_entry WHERE call_id = ANY($5::uuid[])) AS settled`;

export const CONTENTS = { key: contentsOf('key_id'), pool: contentsOf('pool_id') } as const;

export const INSERT_RESERVATIONS = `
  INSERT INTO reservation (call_id, process_id, pool_id, key_id, model, tokens, nano_usd, received_at)
  SELECT call_id, process_id, pool_id, key_id, model, tokens, nano_usd, received_at
    FROM jsonb_to_recordset($1::jsonb) AS reservation(call_id uuid, process_id uuid, pool_id uuid, key_id uuid,
         model text, tokens bigint, nano_usd bigint, received_at timestamptz)
      ON CONFLICT (call_id) DO NOTHING`;

export const DELETE_RESERVATIONS = 'DELETE FROM reservation WHERE call_id = ANY($1::uuid[])';

/** `$1` numbers that stand for counters, in order: whoever wants several takes them in the same one. */
export const LOCK_COUNTERS = 'SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key';
