import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateJobRun1795221400000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE job_run (
        job             text        NOT NULL,
        target          text        NOT NULL DEFAULT '',
        outcome         text        NOT NULL CONSTRAINT job_run_outcome_ck
                        CHECK (outcome IN ('running', 'succeeded', 'failed')),
        started_at      timestamptz NOT NULL,
        finished_at     timestamptz NULL,
        duration_ms     integer     NULL CONSTRAINT job_run_duration_ck CHECK (duration_ms >= 0),
        result          jsonb       NULL,
        error_code      text        NULL,
        last_success_at timestamptz NULL,
        runs            bigint      NOT NULL DEFAULT '0',
        failures        bigint      NOT NULL DEFAULT '0',
        process_id      uuid        NOT NULL,
        CONSTRAINT job_run_counts_ck CHECK (runs >= 0 AND failures >= 0 AND failures <= runs),
        CONSTRAINT job_run_pk PRIMARY KEY (job, target)
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE job_run');
  }
}
