import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreatePool1795219200000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE pool (
        id                       uuid        NOT NULL CONSTRAINT pool_pk PRIMARY KEY,
        slug                     text        NOT NULL CONSTRAINT pool_slug_uq UNIQUE
                                             CONSTRAINT pool_slug_ck
                                             CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
        name                     text        NOT NULL,
        status                   text        NOT NULL DEFAULT 'active' CONSTRAINT pool_status_ck
                                             CHECK (status IN ('active', 'disabled', 'archived')),
        v1_enabled               boolean     NOT NULL DEFAULT true,
        image_generation_enabled boolean     NOT NULL DEFAULT true,
        default_model            text        NULL,
        allow_unlisted_models    boolean     NOT NULL DEFAULT false,
        routing_strategy         text        NOT NULL DEFAULT 'balanced' CONSTRAINT pool_routing_strategy_ck
                                             CHECK (routing_strategy IN ('balanced')),
        created_at               timestamptz NOT NULL DEFAULT now(),
        updated_at               timestamptz NOT NULL DEFAULT now()
      )`);
    await db.query(`
      CREATE TABLE pool_key (
        id           uuid        NOT NULL CONSTRAINT pool_key_pk PRIMARY KEY,
        pool_id      uuid        NOT NULL CONSTRAINT pool_key_pool_fk REFERENCES pool (id),
        label        text        NOT NULL,
        prefix       text        NOT NULL CONSTRAINT pool_key_prefix_uq UNIQUE
                                 CONSTRAINT pool_key_prefix_ck CHECK (prefix ~ '^sk-cxp-[0-9a-f]{12}$'),
        digest       bytea       NOT NULL CONSTRAINT pool_key_digest_uq UNIQUE
                                 CONSTRAINT pool_key_digest_ck CHECK (octet_length(digest) = 32),
        status       text        NOT NULL DEFAULT 'active' CONSTRAINT pool_key_status_ck
                                 CHECK (status IN ('active', 'paused', 'revoked')),
        expires_at   timestamptz NULL,
        last_used_at timestamptz NULL,
        revoked_at   timestamptz NULL,
        created_at   timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pool_key_label_uq UNIQUE (pool_id, label)
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE pool_key');
    await db.query('DROP TABLE pool');
  }
}
