import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators' requests need to be asked again safely, and to go one after another. */
export class CreateControl1795222400000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE idempotency_key (
        actor_id     text        NOT NULL,
        key          text        NOT NULL,
        operation    text        NOT NULL,
        input_digest bytea       NOT NULL,
        answer       bytea,
        started_at   timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT idempotency_key_pk PRIMARY KEY (actor_id, key)
      )`);
    await db.query('CREATE INDEX idempotency_key_started_idx ON idempotency_key (started_at)');
    await db.query(`
      CREATE TABLE change_lock (
        name   text        NOT NULL CONSTRAINT change_lock_pk PRIMARY KEY,
        holder uuid        NOT NULL,
        until  timestamptz NOT NULL
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE change_lock');
    await db.query('DROP TABLE idempotency_key');
  }
}
