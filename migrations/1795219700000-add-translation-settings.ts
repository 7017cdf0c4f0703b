import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddTranslationSettings1795219700000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE pool
        ADD COLUMN stored_responses     boolean NOT NULL DEFAULT false,
        ADD COLUMN max_stored_items     integer NOT NULL DEFAULT 1000
                                        CONSTRAINT pool_max_stored_items_ck CHECK (max_stored_items >= 0),
        ADD COLUMN stored_ttl_seconds   integer NOT NULL DEFAULT 2592000
                                        CONSTRAINT pool_stored_ttl_ck CHECK (stored_ttl_seconds > 0),
        ADD COLUMN default_instructions text    NULL,
        ADD COLUMN anthropic_models     jsonb   NOT NULL DEFAULT '[]',
        ADD COLUMN dropped_params       text[]  NOT NULL DEFAULT '{}'`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE pool
        DROP COLUMN stored_responses, DROP COLUMN max_stored_items, DROP COLUMN stored_ttl_seconds,
        DROP COLUMN default_instructions, DROP COLUMN anthropic_models, DROP COLUMN dropped_params`);
  }
}
