import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which version each process runs; absent for those of the version before. */
export class AddProcessVersion1795222800000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE gateway_process ADD COLUMN version text');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE gateway_process DROP COLUMN version');
  }
}
