import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateRequestLedger1795219400000 implements MigrationInterface {
  readonly name = 'CreateRequestLedger1795219400000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE gateway_process (
        id           uuid        NOT NULL CONSTRAINT gateway_process_pk PRIMARY KEY,
        role         text        NOT NULL,
        host         text        NOT NULL,
        started_at   timestamptz NOT NULL,
        heartbeat_at timestamptz NOT NULL,
        suspected_at timestamptz NULL
      )`);
    await db.query(`
      CREATE TABLE request (
        id             uuid        NOT NULL CONSTRAINT request_pk PRIMARY KEY,
        request_id     text        NOT NULL,
        process_id     uuid        NOT NULL,
        pool_id        uuid        NOT NULL,
        key_id         uuid        NOT NULL,
        key_label      text        NOT NULL,
        dialect        text        NOT NULL,
        route          text        NOT NULL,
        transport      text        NOT NULL
                       CONSTRAINT request_transport_ck CHECK (transport IN ('http_sse', 'http_json', 'websocket')),
        model          text        NOT NULL,
        session_digest bytea       NULL,
        trace_id       text        NULL,
        status         text        NOT NULL CONSTRAINT request_status_ck
                       CHECK (status IN ('in_flight', 'succeeded', 'failed', 'cancelled', 'rejected')),
        http_status    integer     NULL,
        error_code     text        NULL,
        blame          text        NULL,
        exclusions     jsonb       NULL,
        attempt_count  integer     NOT NULL DEFAULT 0,
        received_at    timestamptz NOT NULL,
        first_event_at timestamptz NULL,
        completed_at   timestamptz NULL
      )`);
    await db.query('CREATE INDEX request_pool_received_idx ON request (pool_id, received_at)');
    await db.query('CREATE INDEX request_key_received_idx ON request (key_id, received_at)');
    await db.query('CREATE INDEX request_request_id_idx ON request (request_id)');
    await db.query("CREATE INDEX request_in_flight_idx ON request (process_id) WHERE status = 'in_flight'");
    await this.createAttempt(db);
    await this.createLedgerEntry(db);
  }

  private async createAttempt(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE attempt (
        request_id      uuid        NOT NULL,
        number          integer     NOT NULL,
        account_id      uuid        NOT NULL,
        account_label   text        NOT NULL,
        status          text        NOT NULL CONSTRAINT attempt_status_ck
                        CHECK (status IN ('in_flight', 'succeeded', 'failed', 'cancelled')),
        error_code      text        NULL,
        upstream_status integer     NULL,
        started_at      timestamptz NOT NULL,
        first_event_at  timestamptz NULL,
        completed_at    timestamptz NULL,
        CONSTRAINT attempt_pk PRIMARY KEY (request_id, number)
      )`);
  }

  private async createLedgerEntry(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE ledger_entry (
        call_id        uuid        NOT NULL CONSTRAINT ledger_entry_pk PRIMARY KEY,
        outcome        text        NOT NULL
                       CONSTRAINT ledger_entry_outcome_ck CHECK (outcome IN ('succeeded', 'failed', 'cancelled')),
        usage_known    boolean     NOT NULL,
        input_uncached bigint      NULL,
        input_cached   bigint      NULL,
        cache_write    bigint      NULL,
        output         bigint      NULL,
        reasoning      bigint      NULL,
        model          text        NULL,
        service_tier   text        NULL,
        account_id     uuid        NULL,
        pool_id        uuid        NOT NULL,
        key_id         uuid        NOT NULL,
        settled_by     text        NOT NULL
                       CONSTRAINT ledger_entry_settled_by_ck CHECK (settled_by IN ('queue', 'direct', 'sweeper')),
        occurred_at    timestamptz NOT NULL,
        settled_at     timestamptz NOT NULL,
        CONSTRAINT ledger_entry_usage_ck CHECK (
          num_nonnulls(input_uncached, input_cached, cache_write, output, reasoning)
            = CASE WHEN usage_known THEN 5 ELSE 0 END),
        CONSTRAINT ledger_entry_tokens_ck CHECK (
          input_uncached >= 0 AND input_cached >= 0 AND cache_write >= 0 AND output >= 0 AND reasoning >= 0)
      )`);
    await db.query('CREATE INDEX ledger_entry_pool_occurred_idx ON ledger_entry (pool_id, occurred_at)');
    await db.query('CREATE INDEX ledger_entry_key_occurred_idx ON ledger_entry (key_id, occurred_at)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE ledger_entry, attempt, request, gateway_process');
  }
}
