import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose counters of limits are believed: those in Redis, of which epoch, or those in Postgres. */
export class CreateLimitEpoch1795221700000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE limit_epoch (
        singleton      boolean     NOT NULL DEFAULT true CONSTRAINT limit_epoch_pk PRIMARY KEY
                                   CONSTRAINT limit_epoch_singleton_ck CHECK (singleton),
        epoch          bigint      NOT NULL,
        store          text        NOT NULL DEFAULT 'redis'
                                   CONSTRAINT limit_epoch_store_ck CHECK (store IN ('redis', 'postgres')),
        insisted_until timestamptz NOT NULL DEFAULT now()
      )`);
    await db.query('INSERT INTO limit_epoch (epoch) VALUES (1)');
    // A function, because each of its statements sees what was committed before it: the second one runs under the lock.
    await db.query(`
      CREATE FUNCTION read_limit_epoch() RETURNS TABLE (epoch float8, store text) LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('codex-pooler limit epoch', 0));
        RETURN QUERY SELECT limit_epoch.epoch::float8, limit_epoch.store FROM limit_epoch;
      END $$`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP FUNCTION read_limit_epoch()');
    await db.query('DROP TABLE limit_epoch');
  }
}
