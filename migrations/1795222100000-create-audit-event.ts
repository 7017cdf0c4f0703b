import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Months ahead; from then on the worker makes them. */
const MONTHS = 15;

/**
 * Events lie in partitions by the time in their ids (UUID version 7). They are never changed; the only rows that may be
 * taken away are those that a worker moves from the DEFAULT partition into one of their own.
 */
export class CreateAuditEvent1795222100000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE audit_event (
        id           uuid        NOT NULL CONSTRAINT audit_event_pk PRIMARY KEY,
        seq          bigint      NOT NULL,
        occurred_at  timestamptz NOT NULL,
        actor_kind   text        NOT NULL CONSTRAINT audit_event_actor_kind_ck
            CHECK (actor_kind IN ('token', 'local', 'system')),
        actor_id     text        NOT NULL,
        actor_label  text        NOT NULL,
        action       text        NOT NULL CONSTRAINT audit_event_action_ck CHECK (action ~ '^[a-z][a-z0-9_.-]{0,99}$'),
        target_type  text        NULL,
        target_id    text        NULL,
        target_label text        NULL,
        pool_id      uuid        NULL,
        outcome      text        NOT NULL CONSTRAINT audit_event_outcome_ck
            CHECK (outcome IN ('begun', 'success', 'failure', 'denied')),
        begun_id     uuid        NULL,
        request_id   text        NULL,
        address      text        NULL,
        details      jsonb       NOT NULL DEFAULT '{}',
        prev_hash    bytea       NOT NULL CONSTRAINT audit_event_prev_hash_ck CHECK (octet_length(prev_hash) = 32),
        hash         bytea       NOT NULL CONSTRAINT audit_event_hash_ck CHECK (octet_length(hash) = 32)
      ) PARTITION BY RANGE (id)`);
    await db.query('CREATE INDEX audit_event_seq_idx ON audit_event (seq)');
    await db.query('CREATE INDEX audit_event_begun_idx ON audit_event (begun_id) WHERE begun_id IS NOT NULL');
    await this.createPartitions(db);
    await this.forbidChanges(db);
    await db.query(`
      CREATE TABLE audit_chain (
        id          integer     NOT NULL CONSTRAINT audit_chain_pk PRIMARY KEY
            CONSTRAINT audit_chain_one_ck CHECK (id = 1),
        seq         bigint      NOT NULL,
        hash        bytea       NOT NULL,
        at          timestamptz NOT NULL,
        anchor_seq  bigint      NOT NULL,
        anchor_hash bytea       NOT NULL
      )`);
    await db.query(`
      INSERT INTO audit_chain (id, seq, hash, at, anchor_seq, anchor_hash)
      VALUES (1, 0, decode(repeat('00', 32), 'hex'), to_timestamp(0), 0, decode(repeat('00', 32), 'hex'))`);
  }

  private async createPartitions(db: QueryRunner): Promise<void> {
    await db.query('CREATE TABLE audit_event_default PARTITION OF audit_event DEFAULT');
    const starts = (await db.query(`
      SELECT to_char(start, 'YYYYMMDD') AS day,
             (lpad(to_hex((extract(epoch FROM start) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid AS floor
        FROM generate_series(0, ${MONTHS}) AS n,
             LATERAL (SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month' AS start) AS s
       ORDER BY start`)) as { day: string; floor: string }[];
    for (const [n, { day, floor }] of starts.entries()) {
      const next = starts[n + 1];
      if (!next) break;
      await db.query(`
        CREATE TABLE audit_event_${day} PARTITION OF audit_event FOR VALUES FROM ('${floor}') TO ('${next.floor}')`);
    }
  }

  private async forbidChanges(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_event_default'
           AND current_setting('codex_pooler.moves_rows', true) = 'on' THEN
          RETURN OLD;
        END IF;
        RAISE EXCEPTION 'audit events are never changed' USING ERRCODE = 'insufficient_privilege';
      END $$`);
    await db.query(`
      CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event
        FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()`);
    await db.query(`
      CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE audit_chain');
    await db.query('DROP TABLE audit_event');
    await db.query('DROP FUNCTION refuse_audit_change()');
  }
}
