import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `exclusions` stays for gateways of the version before, which write it. */
export class AddRequestDecision1795220300000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE request ADD COLUMN decision jsonb NULL');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE request DROP COLUMN decision');
  }
}
