import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateOperatorToken1795222000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE operator_token (
        id              uuid        NOT NULL CONSTRAINT operator_token_pk PRIMARY KEY,
        kind            text        NOT NULL CONSTRAINT operator_token_kind_ck CHECK (kind IN ('operator', 'mcp')),
        label           text        NOT NULL,
        prefix          text        NOT NULL CONSTRAINT operator_token_prefix_uq UNIQUE
            CONSTRAINT operator_token_prefix_ck CHECK (prefix ~ '^(opr|mcp)-cxp-[0-9a-f]{12}$'),
        digest          bytea       NOT NULL CONSTRAINT operator_token_digest_uq UNIQUE
            CONSTRAINT operator_token_digest_ck CHECK (octet_length(digest) = 32),
        previous_prefix text        NULL CONSTRAINT operator_token_previous_prefix_uq UNIQUE,
        previous_digest bytea       NULL
            CONSTRAINT operator_token_previous_digest_ck CHECK (octet_length(previous_digest) = 32),
        previous_until  timestamptz NULL,
        scopes          text[]      NOT NULL CONSTRAINT operator_token_scopes_ck CHECK (cardinality(scopes) > 0),
        pool_ids        uuid[]      NULL CONSTRAINT operator_token_pool_ids_ck CHECK (cardinality(pool_ids) > 0),
        enabled         boolean     NOT NULL DEFAULT true,
        expires_at      timestamptz NULL,
        last_used_at    timestamptz NULL,
        created_by      text        NOT NULL,
        created_at      timestamptz NOT NULL DEFAULT now(),
        revoked_at      timestamptz NULL,
        CONSTRAINT operator_token_label_uq UNIQUE (kind, label),
        CONSTRAINT operator_token_previous_ck CHECK (num_nulls(previous_prefix, previous_digest, previous_until) IN (0, 3))
      )`);
    await db.query(`
      ALTER TABLE pool_key
        ADD COLUMN previous_prefix text        NULL CONSTRAINT pool_key_previous_prefix_uq UNIQUE,
        ADD COLUMN previous_digest bytea       NULL
            CONSTRAINT pool_key_previous_digest_ck CHECK (octet_length(previous_digest) = 32),
        ADD COLUMN previous_until  timestamptz NULL,
        ADD CONSTRAINT pool_key_previous_ck CHECK (num_nulls(previous_prefix, previous_digest, previous_until) IN (0, 3))`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'ALTER TABLE pool_key DROP COLUMN previous_prefix, DROP COLUMN previous_digest, DROP COLUMN previous_until',
    );
    await db.query('DROP TABLE operator_token');
  }
}
