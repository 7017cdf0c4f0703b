import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A deleted account has no secrets left, and an account knows the logins again that it had before. */
export class AddAccountLifecycle1795220500000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE upstream_account
        ALTER COLUMN access_token DROP NOT NULL,
        ADD CONSTRAINT upstream_account_access_token_ck CHECK (access_token IS NOT NULL OR status = 'deleted'),
        ADD COLUMN past_digests bytea[] NOT NULL DEFAULT '{}'`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`UPDATE upstream_account SET access_token = '' WHERE access_token IS NULL`);
    await db.query(`
      ALTER TABLE upstream_account
        DROP COLUMN past_digests,
        DROP CONSTRAINT upstream_account_access_token_ck,
        ALTER COLUMN access_token SET NOT NULL`);
  }
}
