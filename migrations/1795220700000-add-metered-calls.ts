import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddMeteredCalls1795220700000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE attempt ADD COLUMN metered boolean NOT NULL DEFAULT false');
    await db.query('ALTER TABLE ledger_entry ADD COLUMN metered boolean NOT NULL DEFAULT false');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE ledger_entry DROP COLUMN metered');
    await db.query('ALTER TABLE attempt DROP COLUMN metered');
  }
}
