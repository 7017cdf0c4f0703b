import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateLoginFlow1795220200000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE login_flow (
        id                uuid        NOT NULL CONSTRAINT login_flow_pk PRIMARY KEY,
        kind              text        NOT NULL CONSTRAINT login_flow_kind_ck CHECK (kind IN ('browser', 'device')),
        purpose           text        NOT NULL CONSTRAINT login_flow_purpose_ck CHECK (purpose IN ('link', 'relink')),
        pool_id           uuid        NULL,
        account_id        uuid        NULL CONSTRAINT login_flow_account_fk
                                      REFERENCES upstream_account (id) ON DELETE CASCADE,
        label             text        NULL,
        status            text        NOT NULL CONSTRAINT login_flow_status_ck CHECK (
                                      status IN ('pending', 'exchanging', 'completed', 'failed', 'cancelled', 'expired')),
        state_digest      bytea       NULL CONSTRAINT login_flow_state_digest_ck CHECK (octet_length(state_digest) = 32),
        state             bytea       NULL,
        redirect_uri      text        NULL,
        verifier          bytea       NULL,
        device_auth_id    bytea       NULL,
        user_code         text        NULL,
        verification_uri  text        NULL,
        interval_seconds  integer     NULL CONSTRAINT login_flow_interval_ck CHECK (interval_seconds > 0),
        poll_after        timestamptz NULL,
        claimed_until     timestamptz NULL,
        expires_at        timestamptz NOT NULL,
        result_account_id uuid        NULL CONSTRAINT login_flow_result_fk
                                      REFERENCES upstream_account (id) ON DELETE SET NULL,
        error_code        text        NULL,
        created_at        timestamptz NOT NULL,
        updated_at        timestamptz NOT NULL,
        CONSTRAINT login_flow_target_ck CHECK (
          (purpose = 'link' AND label IS NOT NULL AND account_id IS NULL)
          OR (purpose = 'relink' AND account_id IS NOT NULL AND label IS NULL AND pool_id IS NULL)),
        CONSTRAINT login_flow_secrets_ck CHECK (
          CASE WHEN status <> 'pending' THEN num_nonnulls(state, verifier, device_auth_id) = 0
               WHEN kind = 'browser' THEN num_nulls(state_digest, state, verifier, redirect_uri) = 0
               ELSE num_nulls(device_auth_id, user_code, verification_uri, interval_seconds, poll_after) = 0 END)
      )`);
    await db.query('CREATE UNIQUE INDEX login_flow_state_uq ON login_flow (state_digest)');
    await db.query(`
      CREATE INDEX login_flow_open_idx ON login_flow (expires_at) WHERE status IN ('pending', 'exchanging')`);
    await db.query('CREATE INDEX login_flow_updated_idx ON login_flow (updated_at)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE login_flow');
  }
}
