import type { MigrationInterface, QueryRunner } from 'typeorm';

const SOURCES = `('headers', 'event', 'error', 'usage')`;

const EVIDENCE = `
      ALTER TABLE account_quota_window
        ADD COLUMN source            text        NOT NULL DEFAULT 'usage'
                   CONSTRAINT account_quota_window_source_ck CHECK (source IN ${SOURCES}),
        ADD COLUMN credential_epoch  bigint      NOT NULL DEFAULT '0',
        ADD COLUMN held_since        timestamptz NULL,
        ADD COLUMN held_at           timestamptz NULL,
        ADD COLUMN settled_at        timestamptz NULL,
        ADD COLUMN doubted_percent   real        NULL,
        ADD COLUMN doubted_resets_at timestamptz NULL,
        ADD COLUMN doubted_since     timestamptz NULL,
        ADD COLUMN doubted_source    text        NULL
                   CONSTRAINT account_quota_window_doubted_source_ck CHECK (doubted_source IN ${SOURCES}),
        ADD CONSTRAINT account_quota_window_doubt_ck CHECK (
          num_nulls(doubted_percent, doubted_resets_at, doubted_since, doubted_source) IN (0, 4))`;

const METER = `
      CREATE TABLE account_meter (
        account_id          uuid        NOT NULL CONSTRAINT account_meter_account_fk
                            REFERENCES upstream_account (id) ON DELETE CASCADE,
        limit_id            text        NOT NULL,
        name                text        NULL,
        allowed             boolean     NULL,
        limit_reached       boolean     NULL,
        resets_at           timestamptz NULL,
        credits_available   boolean     NULL,
        credits_unlimited   boolean     NULL,
        credits_observed_at timestamptz NULL,
        complete_at         timestamptz NULL,
        observed_at         timestamptz NOT NULL,
        source              text        NOT NULL CONSTRAINT account_meter_source_ck CHECK (source IN ${SOURCES}),
        credential_epoch    bigint      NOT NULL,
        CONSTRAINT account_meter_pk PRIMARY KEY (account_id, limit_id),
        CONSTRAINT account_meter_credits_ck CHECK (
          num_nulls(credits_available, credits_unlimited, credits_observed_at) IN (0, 3))
      )`;

const PROBE = `
      CREATE TABLE account_probe (
        account_id     uuid        NOT NULL CONSTRAINT account_probe_pk PRIMARY KEY
                       CONSTRAINT account_probe_account_fk REFERENCES upstream_account (id) ON DELETE CASCADE,
        round          bigint      NOT NULL CONSTRAINT account_probe_round_ck CHECK (round > 0),
        started_at     timestamptz NOT NULL,
        completed_round bigint    NOT NULL DEFAULT '0',
        completed_at   timestamptz NULL,
        outcome        text        NULL CONSTRAINT account_probe_outcome_ck CHECK (
                         outcome IN ('stored', 'rate_limited', 'refused', 'unavailable')),
        failures       integer     NOT NULL DEFAULT 0 CONSTRAINT account_probe_failures_ck CHECK (failures >= 0),
        next_at        timestamptz NOT NULL,
        reset_credits  integer     NULL CONSTRAINT account_probe_reset_credits_ck CHECK (reset_credits >= 0),
        CONSTRAINT account_probe_completed_ck CHECK (
          completed_round <= round AND (completed_at IS NULL) = (outcome IS NULL))
      )`;

const OUTAGE = `
      CREATE TABLE usage_outage (
        kind   text        NOT NULL CONSTRAINT usage_outage_pk PRIMARY KEY,
        rounds integer     NOT NULL CONSTRAINT usage_outage_rounds_ck CHECK (rounds > 0),
        until  timestamptz NOT NULL
      )`;

/** What is believed of each window and meter and why, and when an account's upstream is asked for its usage. */
export class AddQuotaEvidence1795220100000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const sql of [EVIDENCE, METER, PROBE, OUTAGE]) await db.query(sql);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE usage_outage, account_probe, account_meter');
    await db.query(`
      ALTER TABLE account_quota_window
        DROP CONSTRAINT account_quota_window_doubt_ck,
        DROP COLUMN doubted_source, DROP COLUMN doubted_since, DROP COLUMN doubted_resets_at,
        DROP COLUMN doubted_percent, DROP COLUMN settled_at, DROP COLUMN held_at, DROP COLUMN held_since,
        DROP COLUMN credential_epoch, DROP COLUMN source`);
  }
}
