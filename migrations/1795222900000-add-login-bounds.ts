import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a login may end at, where whoever began it has to do with some Pools only. */
export class AddLoginBounds1795222900000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE login_flow ADD COLUMN within_pool_ids uuid[]');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE login_flow DROP COLUMN within_pool_ids');
  }
}
