import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddKeyPolicy1795221200000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE pool_key
        ADD COLUMN model_aliases     jsonb  NOT NULL DEFAULT '[]',
        ADD COLUMN forced_model      text   NULL,
        ADD COLUMN effort_mode       text   NULL
            CONSTRAINT pool_key_effort_mode_ck CHECK (effort_mode IN ('always', 'up_to', 'clamp')),
        ADD COLUMN effort            text   NULL CONSTRAINT pool_key_effort_ck CHECK (
            effort IN ('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra')),
        ADD COLUMN service_tier      text   NULL CONSTRAINT pool_key_service_tier_ck CHECK (
            service_tier IN ('auto', 'default', 'flex', 'priority', 'scale')),
        ADD COLUMN allowed_addresses text[] NULL
            CONSTRAINT pool_key_allowed_addresses_ck CHECK (cardinality(allowed_addresses) > 0),
        ADD CONSTRAINT pool_key_effort_rule_ck CHECK (num_nonnulls(effort_mode, effort) <> 1)`);
    await db.query(`
      CREATE TABLE usage_limit (
        id                  uuid        NOT NULL CONSTRAINT usage_limit_pk PRIMARY KEY,
        pool_id             uuid        NULL CONSTRAINT usage_limit_pool_fk REFERENCES pool (id),
        key_id              uuid        NULL CONSTRAINT usage_limit_key_fk REFERENCES pool_key (id),
        model               text        NULL,
        requests_per_minute integer     NULL,
        tokens_per_day      bigint      NULL,
        tokens_per_week     bigint      NULL,
        max_input_tokens    integer     NULL,
        max_output_tokens   integer     NULL,
        nano_usd_per_day    bigint      NULL,
        nano_usd_per_week   bigint      NULL,
        nano_usd_per_month  bigint      NULL,
        warn_percent        integer     NULL,
        created_at          timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT usage_limit_owner_ck CHECK (num_nonnulls(pool_id, key_id) = 1),
        CONSTRAINT usage_limit_model_ck CHECK (model <> '' AND model = lower(model)),
        CONSTRAINT usage_limit_values_ck CHECK (
          requests_per_minute > 0 AND tokens_per_day > 0 AND tokens_per_week > 0 AND max_input_tokens > 0
            AND max_output_tokens > 0 AND nano_usd_per_day > 0 AND nano_usd_per_week > 0 AND nano_usd_per_month > 0),
        CONSTRAINT usage_limit_warn_percent_ck CHECK (warn_percent BETWEEN 1 AND 100)
      )`);
    await db.query(`CREATE UNIQUE INDEX usage_limit_key_uq ON usage_limit (key_id, model) NULLS NOT DISTINCT
                     WHERE key_id IS NOT NULL`);
    await db.query(`CREATE UNIQUE INDEX usage_limit_pool_uq ON usage_limit (pool_id, model) NULLS NOT DISTINCT
                     WHERE pool_id IS NOT NULL`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE usage_limit');
    await db.query(`
      ALTER TABLE pool_key
        DROP CONSTRAINT pool_key_effort_rule_ck, DROP COLUMN model_aliases, DROP COLUMN forced_model,
        DROP COLUMN effort_mode, DROP COLUMN effort, DROP COLUMN service_tier, DROP COLUMN allowed_addresses`);
  }
}
