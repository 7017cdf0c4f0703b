import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddModelPolicyAndCapacityReport1795219600000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE pool_key
        ADD COLUMN allowed_models text[] NULL
        CONSTRAINT pool_key_allowed_models_ck CHECK (cardinality(allowed_models) > 0)`);
    await db.query('ALTER TABLE pool ADD COLUMN report_capacity boolean NOT NULL DEFAULT false');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE pool DROP COLUMN report_capacity');
    await db.query('ALTER TABLE pool_key DROP COLUMN allowed_models');
  }
}
