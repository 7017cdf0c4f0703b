import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateIncident1795222300000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await createRule(db);
    await createIncident(db);
    await createWebhook(db);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE incident_delivery, webhook, incident, incident_rule');
  }
}

async function createRule(db: QueryRunner): Promise<void> {
  await db.query(`
      CREATE TABLE incident_rule (
        id               uuid        NOT NULL CONSTRAINT incident_rule_pk PRIMARY KEY,
        name             text        NOT NULL CONSTRAINT incident_rule_name_uq UNIQUE,
        kind             text        NOT NULL,
        params           jsonb       NOT NULL DEFAULT '{}',
        severity         text        NOT NULL CONSTRAINT incident_rule_severity_ck
                                     CHECK (severity IN ('info', 'warning', 'critical')),
        cooldown_seconds integer     NOT NULL DEFAULT 900
                                     CONSTRAINT incident_rule_cooldown_ck CHECK (cooldown_seconds >= 0),
        enabled          boolean     NOT NULL DEFAULT true,
        built_in         boolean     NOT NULL DEFAULT false,
        created_at       timestamptz NOT NULL DEFAULT now()
      )`);
  await db.query(`
      INSERT INTO incident_rule (id, name, kind, params, severity, built_in)
      SELECT gen_random_uuid(), name, kind, params::jsonb, severity, true
        FROM (VALUES
          ('no-usable-accounts',  'pool_no_usable_accounts', '{}',                                           'critical'),
          ('login-required',      'account_auth_state',      '{"state":"login_required"}',                   'critical'),
          ('refresh-failing',     'account_auth_state',      '{"state":"refresh_failed"}',                   'warning'),
          ('token-expiring',      'token_expiring_soon',     '{}',                                           'warning'),
          ('weekly-quota',        'account_quota_threshold', '{"window":"account_secondary","percent":90}',  'warning'),
          ('budget',              'key_budget_threshold',    '{}',                                           'warning'),
          ('pool-errors',         'pool_error_rate',         '{"percent":25,"minCalls":20,"minutes":15}',    'warning'),
          ('job-failing',         'job_failing',             '{"minutes":15}',                               'warning')
        ) AS built_in (name, kind, params, severity)`);
}

async function createIncident(db: QueryRunner): Promise<void> {
  await db.query(`
      CREATE TABLE incident (
        id               uuid        NOT NULL CONSTRAINT incident_pk PRIMARY KEY,
        dedupe_key       text        NOT NULL,
        rule_id          uuid        NOT NULL,
        rule_name        text        NOT NULL,
        rule_kind        text        NOT NULL,
        severity         text        NOT NULL CONSTRAINT incident_severity_ck
                                     CHECK (severity IN ('info', 'warning', 'critical')),
        state            text        NOT NULL DEFAULT 'open' CONSTRAINT incident_state_ck
                                     CHECK (state IN ('open', 'acknowledged', 'resolved')),
        target_kind      text        NOT NULL CONSTRAINT incident_target_kind_ck
                                     CHECK (target_kind IN ('pool', 'account', 'key', 'job')),
        target_id        text        NOT NULL,
        target_label     text        NOT NULL,
        pool_ids         uuid[]      NOT NULL DEFAULT '{}',
        reason_code      text        NOT NULL,
        evidence         jsonb       NOT NULL,
        occurrence_count integer     NOT NULL DEFAULT 1
                                     CONSTRAINT incident_occurrence_count_ck CHECK (occurrence_count > 0),
        first_seen_at    timestamptz NOT NULL,
        last_seen_at     timestamptz NOT NULL,
        acknowledged_at  timestamptz NULL,
        acknowledged_by  text        NULL,
        resolved_at      timestamptz NULL,
        CONSTRAINT incident_resolved_ck CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
      )`);
  await db.query('CREATE UNIQUE INDEX incident_unresolved_uq ON incident (dedupe_key) WHERE resolved_at IS NULL');
  await db.query('CREATE INDEX incident_last_seen_idx ON incident (last_seen_at, id)');
  await db.query('CREATE INDEX incident_dedupe_idx ON incident (dedupe_key)');
}

async function createWebhook(db: QueryRunner): Promise<void> {
  await db.query(`
      CREATE TABLE webhook (
        id         uuid        NOT NULL CONSTRAINT webhook_pk PRIMARY KEY,
        name       text        NOT NULL CONSTRAINT webhook_name_uq UNIQUE,
        host       text        NOT NULL,
        url        bytea       NOT NULL,
        secret     bytea       NOT NULL,
        format     text        NOT NULL CONSTRAINT webhook_format_ck CHECK (format IN ('generic', 'slack')),
        enabled    boolean     NOT NULL DEFAULT true,
        rule_kinds text[]      NULL CONSTRAINT webhook_rule_kinds_ck CHECK (cardinality(rule_kinds) > 0),
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
  await db.query(`
      CREATE TABLE incident_delivery (
        id              uuid        NOT NULL CONSTRAINT incident_delivery_pk PRIMARY KEY,
        incident_id     uuid        NOT NULL CONSTRAINT incident_delivery_incident_fk
                                    REFERENCES incident (id) ON DELETE CASCADE,
        webhook_id      uuid        NOT NULL CONSTRAINT incident_delivery_webhook_fk
                                    REFERENCES webhook (id) ON DELETE CASCADE,
        event           text        NOT NULL CONSTRAINT incident_delivery_event_ck
                                    CHECK (event IN ('opened', 'resolved')),
        status          text        NOT NULL DEFAULT 'pending' CONSTRAINT incident_delivery_status_ck
                                    CHECK (status IN ('pending', 'sent', 'failed', 'discarded')),
        attempts        integer     NOT NULL DEFAULT 0
                                    CONSTRAINT incident_delivery_attempts_ck CHECK (attempts >= 0 AND attempts <= 5),
        attempt_id      uuid        NULL,
        next_attempt_at timestamptz NOT NULL,
        response_status integer     NULL,
        failure_code    text        NULL,
        created_at      timestamptz NOT NULL,
        completed_at    timestamptz NULL,
        CONSTRAINT incident_delivery_event_uq UNIQUE (incident_id, event, webhook_id),
        CONSTRAINT incident_delivery_completed_ck CHECK ((status = 'pending') = (completed_at IS NULL))
      )`);
  await db.query('CREATE INDEX incident_delivery_webhook_idx ON incident_delivery (webhook_id)');
  await db.query(`
      CREATE INDEX incident_delivery_due_idx ON incident_delivery (next_attempt_at) WHERE status = 'pending'`);
}
