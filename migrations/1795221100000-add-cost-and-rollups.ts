import type { MigrationInterface, QueryRunner } from 'typeorm';

const COUNTERS = `
  calls            bigint NOT NULL,
  succeeded        bigint NOT NULL,
  failed           bigint NOT NULL,
  cancelled        bigint NOT NULL,
  rejected         bigint NOT NULL,
  unknown_usage    bigint NOT NULL,
  unpriced         bigint NOT NULL,
  input_uncached   bigint NOT NULL,
  input_cached     bigint NOT NULL,
  cache_write      bigint NOT NULL,
  output           bigint NOT NULL,
  reasoning        bigint NOT NULL,
  estimated_input  bigint NOT NULL,
  estimated_output bigint NOT NULL,
  cost_nano_usd    bigint NOT NULL,
  metered_nano_usd bigint NOT NULL`;

export class AddCostAndRollups1795221100000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await this.extendLedger(db);
    await db.query(`
      CREATE TABLE reservation (
        call_id     uuid        NOT NULL CONSTRAINT reservation_pk PRIMARY KEY,
        process_id  uuid        NOT NULL,
        pool_id     uuid        NOT NULL,
        key_id      uuid        NOT NULL,
        model       text        NOT NULL,
        tokens      bigint      NOT NULL CONSTRAINT reservation_tokens_ck CHECK (tokens >= 0),
        nano_usd    bigint      NOT NULL CONSTRAINT reservation_nano_usd_ck CHECK (nano_usd >= 0),
        received_at timestamptz NOT NULL,
        reserved_at timestamptz NOT NULL DEFAULT now()
      )`);
    await db.query('CREATE INDEX reservation_key_idx ON reservation (key_id)');
    await db.query('CREATE INDEX reservation_pool_idx ON reservation (pool_id)');
    await db.query(`
      CREATE TABLE settlement_outbox (
        call_id    uuid        NOT NULL CONSTRAINT settlement_outbox_pk PRIMARY KEY,
        record     jsonb       NOT NULL,
        written_at timestamptz NOT NULL DEFAULT now(),
        refused_at timestamptz NULL
      )`);
    await db.query('CREATE INDEX settlement_outbox_written_idx ON settlement_outbox (written_at)');
    await this.createRollups(db);
  }

  private async extendLedger(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE ledger_entry
        ADD COLUMN received_at      timestamptz NULL,
        ADD COLUMN requested_model  text        NULL,
        ADD COLUMN estimated_input  bigint      NULL,
        ADD COLUMN estimated_output bigint      NULL,
        ADD COLUMN cost_status      text        NOT NULL DEFAULT 'unpriced',
        ADD COLUMN cost_nano_usd    bigint      NULL,
        ADD COLUMN price_version    text        NULL`);
    await db.query(`
      UPDATE ledger_entry
         SET received_at = coalesce(request.received_at, ledger_entry.occurred_at), requested_model = request.model,
             cost_status = CASE WHEN ledger_entry.usage_known THEN 'unpriced' ELSE 'unknown' END
        FROM ledger_entry AS entry LEFT JOIN request ON request.id = entry.call_id
       WHERE entry.call_id = ledger_entry.call_id`);
    await db.query(`
      ALTER TABLE ledger_entry
        ALTER COLUMN received_at SET NOT NULL,
        ALTER COLUMN received_at SET DEFAULT now(),
        DROP CONSTRAINT ledger_entry_outcome_ck,
        ADD CONSTRAINT ledger_entry_outcome_ck CHECK (outcome IN ('succeeded', 'failed', 'cancelled', 'rejected')),
        ADD CONSTRAINT ledger_entry_cost_status_ck
            CHECK (cost_status IN ('priced', 'estimated', 'unpriced', 'unknown', 'none')),
        ADD CONSTRAINT ledger_entry_cost_ck CHECK (
          num_nonnulls(cost_nano_usd, price_version)
            = CASE WHEN cost_status IN ('priced', 'estimated') THEN 2 ELSE 0 END),
        ADD CONSTRAINT ledger_entry_estimate_ck CHECK (
          estimated_input >= 0 AND estimated_output >= 0 AND num_nonnulls(estimated_input, estimated_output) <> 1)`);
  }

  private async createRollups(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE usage_delta (
        id         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT usage_delta_pk PRIMARY KEY,
        hour       timestamptz NOT NULL,
        pool_id    uuid        NOT NULL,
        key_id     uuid        NOT NULL,
        account_id uuid        NULL,
        model      text        NOT NULL,${COUNTERS}
      )`);
    await db.query('CREATE INDEX usage_delta_key_idx ON usage_delta (key_id)');
    await db.query('CREATE INDEX usage_delta_pool_idx ON usage_delta (pool_id)');
    for (const [table, column, type] of [
      ['usage_hourly', 'hour', 'timestamptz'],
      ['usage_daily', 'day', 'date'],
    ]) {
      await db.query(`
        CREATE TABLE ${table} (
          ${column}  ${type} NOT NULL,
          pool_id    uuid    NOT NULL,
          key_id     uuid    NOT NULL,
          account_id uuid    NOT NULL,
          model      text    NOT NULL,${COUNTERS},
          CONSTRAINT ${table}_pk PRIMARY KEY (${column}, pool_id, key_id, account_id, model)
        )`);
      await db.query(`CREATE INDEX ${table}_key_idx ON ${table} (key_id, ${column})`);
      await db.query(`CREATE INDEX ${table}_pool_idx ON ${table} (pool_id, ${column})`);
    }
    await this.rollUpHistory(db);
  }

  /** What the ledger holds already, as deltas: whoever rolls up takes it from there. */
  private async rollUpHistory(db: QueryRunner): Promise<void> {
    await db.query(`
      INSERT INTO usage_delta (hour, pool_id, key_id, account_id, model, calls, succeeded, failed, cancelled, rejected,
                               unknown_usage, unpriced, input_uncached, input_cached, cache_write, output, reasoning,
                               estimated_input, estimated_output, cost_nano_usd, metered_nano_usd)
      SELECT date_trunc('hour', received_at, 'UTC'), pool_id, key_id, account_id,
             coalesce(requested_model, ''), count(*),
             count(*) FILTER (WHERE outcome = 'succeeded'), count(*) FILTER (WHERE outcome = 'failed'),
             count(*) FILTER (WHERE outcome = 'cancelled'), 0,
             count(*) FILTER (WHERE NOT usage_known), count(*) FILTER (WHERE usage_known),
             coalesce(sum(input_uncached), 0), coalesce(sum(input_cached), 0), coalesce(sum(cache_write), 0),
             coalesce(sum(output), 0), coalesce(sum(reasoning), 0), 0, 0, 0, 0
        FROM ledger_entry
       GROUP BY 1, 2, 3, 4, 5`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE usage_daily, usage_hourly, usage_delta, settlement_outbox, reservation');
    await db.query(`DELETE FROM ledger_entry WHERE outcome = 'rejected'`);
    await db.query(`
      ALTER TABLE ledger_entry
        DROP CONSTRAINT ledger_entry_outcome_ck,
        ADD CONSTRAINT ledger_entry_outcome_ck CHECK (outcome IN ('succeeded', 'failed', 'cancelled')),
        DROP CONSTRAINT ledger_entry_cost_status_ck, DROP CONSTRAINT ledger_entry_cost_ck,
        DROP CONSTRAINT ledger_entry_estimate_ck,
        DROP COLUMN received_at, DROP COLUMN requested_model, DROP COLUMN estimated_input,
        DROP COLUMN estimated_output, DROP COLUMN cost_status, DROP COLUMN cost_nano_usd, DROP COLUMN price_version`);
  }
}
