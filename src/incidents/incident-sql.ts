const at = (name: string): string => `to_timestamp(${name}::float8 / 1000)`;

/** Workers that evaluate at the same time take turns. */
export const TAKE_TURNS = `SELECT pg_advisory_xact_lock(hashtextextended('codex-pooler incidents', 0))`;

/** `$1` findings as JSON, `$2` now. Gives the ids of what was found now and not before. */
export const SAVE_FINDINGS = `
  WITH found AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb)
        AS f (id uuid, "dedupeKey" text, "ruleId" uuid, "ruleName" text, "ruleKind" text, severity text, "targetKind" text,
              "targetId" text, "targetLabel" text, "poolIds" uuid[], reason text, evidence jsonb)
  ), saved AS (
    INSERT INTO incident AS known (id, dedupe_key, rule_id, rule_name, rule_kind, severity, target_kind, target_id,
                                   target_label, pool_ids, reason_code, evidence, first_seen_at, last_seen_at)
    SELECT id, "dedupeKey", "ruleId", "ruleName", "ruleKind", severity, "targetKind", "targetId", "targetLabel", "poolIds",
           reason, evidence, ${at('$2')}, ${at('$2')}
      FROM found
        ON CONFLICT (dedupe_key) WHERE resolved_at IS NULL DO UPDATE
       SET severity = excluded.severity, target_label = excluded.target_label, pool_ids = excluded.pool_ids,
           reason_code = excluded.reason_code, evidence = excluded.evidence,
           occurrence_count = known.occurrence_count + 1,
           last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)
    RETURNING id)
  SELECT saved.id FROM saved JOIN found USING (id)`;

/** `$1` keys of what was found, `$2` now. Gives the ids of what is over. */
export const RESOLVE_OTHERS = `
  WITH resolved AS (
    UPDATE incident SET state = 'resolved', resolved_at = ${at('$2')}
     WHERE resolved_at IS NULL AND dedupe_key <> ALL ($1::text[])
    RETURNING id)
  SELECT id FROM resolved`;

/**
 * `$1` incidents that were opened, with their rules' cooldowns, as JSON, `$2` now. Of one kind and target a webhook is told
 * again when the cooldown is over: by then it may be over itself.
 */
export const DELIVER_OPENED = `
  INSERT INTO incident_delivery (id, incident_id, webhook_id, event, next_attempt_at, created_at)
  SELECT gen_random_uuid(), i.id, w.id, 'opened',
         greatest(${at('$2')}, last.told_at + make_interval(secs => o."cooldownSeconds")), ${at('$2')}
    FROM jsonb_to_recordset($1::jsonb) AS o (id uuid, "cooldownSeconds" integer)
    JOIN incident i ON i.id = o.id
    JOIN webhook w ON w.enabled AND (w.rule_kinds IS NULL OR i.rule_kind = ANY (w.rule_kinds))
   CROSS JOIN LATERAL (
         SELECT max(coalesce(d.completed_at, d.created_at)) AS told_at
           FROM incident_delivery d JOIN incident before ON before.id = d.incident_id
          WHERE before.dedupe_key = i.dedupe_key AND d.webhook_id = w.id AND d.event = 'opened'
            AND d.status <> 'discarded') AS last
      ON CONFLICT ON CONSTRAINT incident_delivery_event_uq DO NOTHING`;

/** `$1` incidents that are over, `$2` now: nobody is told any more of what nobody was told of yet and has to wait. */
export const DISCARD_WAITING = `
  UPDATE incident_delivery SET status = 'discarded', failure_code = 'cooldown', completed_at = ${at('$2')}
   WHERE incident_id = ANY ($1::uuid[]) AND event = 'opened' AND status = 'pending' AND attempts = 0
     AND next_attempt_at > ${at('$2')}`;

/** `$1` incidents that are over, `$2` now: whoever was told of them is told that, after what is still on its way. */
export const DELIVER_RESOLVED = `
  INSERT INTO incident_delivery (id, incident_id, webhook_id, event, next_attempt_at, created_at)
  SELECT gen_random_uuid(), d.incident_id, d.webhook_id, 'resolved', ${at('$2')}, ${at('$2')}
    FROM incident_delivery d JOIN webhook w ON w.id = d.webhook_id AND w.enabled
   WHERE d.incident_id = ANY ($1::uuid[]) AND d.event = 'opened' AND d.status <> 'discarded'
      ON CONFLICT ON CONSTRAINT incident_delivery_event_uq DO NOTHING`;

/** `$1` Unix time in milliseconds: what was over before goes, with its deliveries. */
export const FORGET_RESOLVED = `DELETE FROM incident WHERE resolved_at < ${at('$1')}`;

/** `$1` now, `$2` attempts at most. Those whose last attempt was never heard of again are given up. */
export const GIVE_UP_LOST = `
  UPDATE incident_delivery SET status = 'failed', failure_code = 'attempt_lost', completed_at = ${at('$1')}
   WHERE status = 'pending' AND attempts >= $2::integer AND next_attempt_at <= ${at('$1')}`;

/** `$1` now. What is over is told after what was open. */
export const SELECT_DUE = `
  SELECT d.id FROM incident_delivery d
   WHERE d.status = 'pending' AND d.next_attempt_at <= ${at('$1')}
     AND NOT EXISTS (SELECT FROM incident_delivery earlier
                      WHERE d.event = 'resolved' AND earlier.incident_id = d.incident_id
                        AND earlier.webhook_id = d.webhook_id AND earlier.event = 'opened' AND earlier.status = 'pending')
   ORDER BY d.next_attempt_at, d.id
   LIMIT 500`;

/** `$1` delivery, `$2` attempt, `$3` now, `$4` when another one may try should this one be lost, `$5` attempts at most. */
export const CLAIM = `
  WITH claimed AS (
    UPDATE incident_delivery SET attempts = attempts + 1, attempt_id = $2, next_attempt_at = ${at('$4')}
     WHERE id = $1 AND status = 'pending' AND next_attempt_at <= ${at('$3')} AND attempts < $5::integer
    RETURNING incident_id, webhook_id, event, attempts)
  SELECT incident_id AS "incidentId", webhook_id AS "webhookId", event, attempts FROM claimed`;

/** `$1` delivery, `$2` attempt, `$3` status, `$4` answer, `$5` failure, `$6` next attempt, `$7` now. */
export const RECORD = `
  UPDATE incident_delivery
     SET status = $3, response_status = $4, failure_code = $5, next_attempt_at = ${at('$6')},
         completed_at = CASE WHEN $3::text = 'pending' THEN NULL ELSE ${at('$7')} END
   WHERE id = $1 AND attempt_id = $2 AND status = 'pending'`;
