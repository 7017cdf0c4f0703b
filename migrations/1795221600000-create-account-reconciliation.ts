import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAccountReconciliation1795221600000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE account_reconciliation_point (
        account_id     uuid             NOT NULL,
        limit_id       text             NOT NULL,
        window_minutes integer          NOT NULL,
        at             timestamptz      NOT NULL,
        resets_at      timestamptz      NOT NULL,
        used_percent   real             NOT NULL,
        our_tokens     double precision NOT NULL,
        CONSTRAINT account_reconciliation_point_pk PRIMARY KEY (account_id, limit_id, window_minutes, at)
      )`);
    await db.query(`
      CREATE TABLE account_reconciliation (
        account_id         uuid             NOT NULL,
        limit_id           text             NOT NULL,
        window_minutes     integer          NOT NULL,
        plan               text             NULL,
        as_of              timestamptz      NOT NULL,
        since              timestamptz      NOT NULL,
        resets_at          timestamptz      NOT NULL,
        used_percent       real             NOT NULL,
        our_tokens         double precision NOT NULL,
        counted_percent    real             NOT NULL,
        explained_percent  real             NULL,
        drift_percent      real             NULL,
        drift_tokens       double precision NULL,
        tokens_per_percent double precision NULL,
        basis              text             NULL CONSTRAINT account_reconciliation_basis_ck
                           CHECK (basis IN ('own', 'plan')),
        confidence         text             NOT NULL CONSTRAINT account_reconciliation_confidence_ck
                           CHECK (confidence IN ('unknown', 'low', 'high')),
        points             integer          NOT NULL,
        CONSTRAINT account_reconciliation_pk PRIMARY KEY (account_id, limit_id, window_minutes)
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE account_reconciliation, account_reconciliation_point');
  }
}
