import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddRoutingPolicy1795220000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE pool
        DROP CONSTRAINT pool_routing_strategy_ck,
        ADD CONSTRAINT pool_routing_strategy_ck CHECK (
          routing_strategy IN ('balanced', 'bridge_ring', 'deterministic_rotation', 'least_recent_success', 'quota_first',
                               'soonest_reset', 'priority')),
        ADD COLUMN evidence_policy text    NOT NULL DEFAULT 'optimistic'
                   CONSTRAINT pool_evidence_policy_ck CHECK (evidence_policy IN ('optimistic', 'strict')),
        ADD COLUMN ring_size       integer NULL CONSTRAINT pool_ring_size_ck CHECK (ring_size > 0),
        ADD COLUMN cache_locality  boolean NOT NULL DEFAULT true,
        ADD COLUMN session_moves   boolean NOT NULL DEFAULT true,
        ADD COLUMN max_concurrent  integer NULL CONSTRAINT pool_max_concurrent_ck CHECK (max_concurrent > 0)`);
    await db.query(`
      ALTER TABLE pool_key
        ADD COLUMN max_concurrent integer NULL CONSTRAINT pool_key_max_concurrent_ck CHECK (max_concurrent > 0)`);
    await db.query(`
      ALTER TABLE pool_account
        ADD COLUMN priority integer NOT NULL DEFAULT 0 CONSTRAINT pool_account_priority_ck CHECK (priority >= 0)`);
    await db.query(`
      ALTER TABLE upstream_account
        DROP CONSTRAINT upstream_account_kind_ck,
        ADD CONSTRAINT upstream_account_kind_ck CHECK (kind IN ('codex', 'openai')),
        DROP CONSTRAINT upstream_account_status_ck,
        ADD CONSTRAINT upstream_account_status_ck CHECK (
          status IN ('active', 'paused', 'draining', 'login_required', 'deleted')),
        ADD COLUMN external_workspace_id text    NULL,
        ADD COLUMN seat_type             text    NULL,
        ADD COLUMN max_concurrent        integer NULL
                   CONSTRAINT upstream_account_max_concurrent_ck CHECK (max_concurrent > 0),
        ADD COLUMN last_success_at       timestamptz NULL,
        ADD COLUMN refresh_state         text    NOT NULL DEFAULT 'idle'
                   CONSTRAINT upstream_account_refresh_state_ck CHECK (
                     refresh_state IN ('idle', 'in_flight', 'failed', 'outcome_unknown')),
        ADD COLUMN refresh_started_at    timestamptz NULL,
        ADD COLUMN refresh_failures      integer NOT NULL DEFAULT 0,
        ADD COLUMN refresh_not_before    timestamptz NULL`);
    await db.query('DROP INDEX upstream_account_slot_uq');
    await db.query(`
      CREATE UNIQUE INDEX upstream_account_slot_uq
        ON upstream_account (kind, external_account_id, external_user_id, external_workspace_id)
        NULLS NOT DISTINCT WHERE status <> 'deleted'`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP INDEX upstream_account_slot_uq');
    await db.query(`
      CREATE UNIQUE INDEX upstream_account_slot_uq ON upstream_account (kind, external_account_id, external_user_id)
        NULLS NOT DISTINCT WHERE status <> 'deleted'`);
    await db.query(`
      ALTER TABLE upstream_account
        DROP COLUMN refresh_not_before, DROP COLUMN refresh_failures, DROP COLUMN refresh_started_at,
        DROP COLUMN refresh_state, DROP COLUMN last_success_at, DROP COLUMN max_concurrent, DROP COLUMN seat_type,
        DROP COLUMN external_workspace_id,
        DROP CONSTRAINT upstream_account_status_ck,
        ADD CONSTRAINT upstream_account_status_ck CHECK (status IN ('active', 'paused', 'login_required', 'deleted')),
        DROP CONSTRAINT upstream_account_kind_ck,
        ADD CONSTRAINT upstream_account_kind_ck CHECK (kind IN ('codex'))`);
    await db.query('ALTER TABLE pool_account DROP COLUMN priority');
    await db.query('ALTER TABLE pool_key DROP COLUMN max_concurrent');
    await db.query(`
      ALTER TABLE pool
        DROP COLUMN max_concurrent, DROP COLUMN session_moves, DROP COLUMN cache_locality, DROP COLUMN ring_size,
        DROP COLUMN evidence_policy, DROP CONSTRAINT pool_routing_strategy_ck,
        ADD CONSTRAINT pool_routing_strategy_ck CHECK (routing_strategy IN ('balanced'))`);
  }
}
