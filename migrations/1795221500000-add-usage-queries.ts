import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What reports and the list of calls look for, and which days of the rollups were compared with the ledger. */
export class AddUsageQueries1795221500000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE rollup_verification (
        day           date        NOT NULL CONSTRAINT rollup_verification_pk PRIMARY KEY,
        verified_at   timestamptz NOT NULL,
        repaired_rows integer     NOT NULL
                      CONSTRAINT rollup_verification_repaired_rows_ck CHECK (repaired_rows >= 0)
      )`);
    await db.query('CREATE INDEX ledger_entry_received_idx ON ledger_entry (received_at)');
    await db.query('CREATE INDEX request_received_idx ON request (received_at, id)');
    await db.query(`
      CREATE INDEX request_error_received_idx ON request (error_code, received_at) WHERE error_code IS NOT NULL`);
    await db.query(`
      CREATE INDEX request_unsuccessful_idx ON request (status, received_at)
       WHERE status IN ('failed', 'cancelled', 'rejected')`);
    await db.query('CREATE INDEX attempt_account_idx ON attempt (account_id, request_id)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP INDEX attempt_account_idx, request_unsuccessful_idx, request_error_received_idx, request_received_idx,
                 ledger_entry_received_idx`);
    await db.query('DROP TABLE rollup_verification');
  }
}
