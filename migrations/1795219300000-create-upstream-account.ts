import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateUpstreamAccount1795219300000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await createAccount(db);
    await createPoolAccount(db);
    await createEvidence(db);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE account_quota_window, account_model, pool_account, upstream_account');
  }
}

async function createAccount(db: QueryRunner): Promise<void> {
  await db.query(`
      CREATE TABLE upstream_account (
        id                      uuid        NOT NULL CONSTRAINT upstream_account_pk PRIMARY KEY,
        kind                    text        NOT NULL CONSTRAINT upstream_account_kind_ck CHECK (kind IN ('codex')),
        label                   text        NOT NULL,
        external_account_id     text        NULL,
        external_user_id        text        NULL,
        plan                    text        NULL,
        status                  text        NOT NULL CONSTRAINT upstream_account_status_ck
                                            CHECK (status IN ('active', 'paused', 'login_required', 'deleted')),
        status_reason           text        NULL,
        access_token            bytea       NOT NULL,
        refresh_token           bytea       NULL,
        id_token                bytea       NULL,
        import_digest           bytea       NULL CONSTRAINT upstream_account_import_digest_ck
                                            CHECK (octet_length(import_digest) = 32),
        access_token_expires_at timestamptz NULL,
        credential_epoch        bigint      NOT NULL,
        last_refreshed_at       timestamptz NULL,
        cooling_until           timestamptz NULL,
        cooling_reason          text        NULL,
        catalog_refreshed_at    timestamptz NULL,
        created_at              timestamptz NOT NULL DEFAULT now(),
        updated_at              timestamptz NOT NULL DEFAULT now()
      )`);
  await db.query(`CREATE UNIQUE INDEX upstream_account_label_uq ON upstream_account (label) WHERE status <> 'deleted'`);
  await db.query(`
      CREATE UNIQUE INDEX upstream_account_slot_uq ON upstream_account (kind, external_account_id, external_user_id)
        NULLS NOT DISTINCT WHERE status <> 'deleted'`);
  await db.query(`
      CREATE INDEX upstream_account_expiry_idx ON upstream_account (access_token_expires_at) WHERE status = 'active'`);
}

async function createPoolAccount(db: QueryRunner): Promise<void> {
  await db.query(`
      CREATE TABLE pool_account (
        pool_id    uuid        NOT NULL,
        account_id uuid        NOT NULL CONSTRAINT pool_account_account_fk
                               REFERENCES upstream_account (id) ON DELETE CASCADE,
        status     text        NOT NULL CONSTRAINT pool_account_status_ck CHECK (status IN ('active', 'paused')),
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pool_account_pk PRIMARY KEY (pool_id, account_id)
      )`);
  await db.query('CREATE INDEX pool_account_account_idx ON pool_account (account_id)');
}

/** What upstreams said about their accounts: models and quota. */
async function createEvidence(db: QueryRunner): Promise<void> {
  await db.query(`
      CREATE TABLE account_model (
        account_id uuid    NOT NULL CONSTRAINT account_model_account_fk
                           REFERENCES upstream_account (id) ON DELETE CASCADE,
        slug       text    NOT NULL,
        position   integer NOT NULL,
        entry      jsonb   NOT NULL,
        CONSTRAINT account_model_pk PRIMARY KEY (account_id, slug)
      )`);
  await db.query(`
      CREATE TABLE account_quota_window (
        account_id     uuid        NOT NULL CONSTRAINT account_quota_window_account_fk
                                   REFERENCES upstream_account (id) ON DELETE CASCADE,
        limit_id       text        NOT NULL,
        window_minutes integer     NOT NULL,
        used_percent   real        NOT NULL,
        resets_at      timestamptz NOT NULL,
        observed_at    timestamptz NOT NULL,
        CONSTRAINT account_quota_window_pk PRIMARY KEY (account_id, limit_id, window_minutes)
      )`);
}
