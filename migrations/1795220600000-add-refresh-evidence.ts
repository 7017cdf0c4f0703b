import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddRefreshEvidence1795220600000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE upstream_account
        ADD COLUMN access_token_issued_at timestamptz NULL,
        ADD COLUMN refresh_answers_lost   integer NOT NULL DEFAULT 0
                   CONSTRAINT upstream_account_refresh_answers_lost_ck CHECK (refresh_answers_lost >= 0)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE upstream_account DROP COLUMN refresh_answers_lost, DROP COLUMN access_token_issued_at');
  }
}
