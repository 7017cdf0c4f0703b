import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

export type JobOutcome = 'running' | 'succeeded' | 'failed';

const count = { to: (value: number) => value, from: (value: string) => Number(value) };

/** What came of the last run of a job, one row per job and target. Outlives the queues. */
@Entity('job_run')
@Check('job_run_outcome_ck', `outcome IN ('running', 'succeeded', 'failed')`)
@Check('job_run_counts_ck', 'runs >= 0 AND failures >= 0 AND failures <= runs')
@Check('job_run_duration_ck', 'duration_ms >= 0')
export class JobRun {
  /** `<queue>/<name>`. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'job_run_pk' }) job!: string;
  /** The id of what it was done for; empty when it is for all. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'job_run_pk', default: '' }) target!: string;
  @Column('text') outcome!: JobOutcome;
  @Column('timestamptz', { name: 'started_at' }) startedAt!: Date;
  /** Null while it runs. */
  @Column('timestamptz', { name: 'finished_at', nullable: true }) finishedAt!: Date | null;
  /** This and what follows are the last finished run's while one is running. */
  @Column('integer', { name: 'duration_ms', nullable: true }) durationMs!: number | null;
  /** Numbers, ids and code words. */
  @Column('jsonb', { nullable: true }) result!: unknown;
  /** A code or the type of the error: never its text. */
  @Column('text', { name: 'error_code', nullable: true }) errorCode!: string | null;
  @Column('timestamptz', { name: 'last_success_at', nullable: true }) lastSuccessAt!: Date | null;
  @Column('bigint', { default: 0, transformer: count }) runs!: number;
  @Column('bigint', { default: 0, transformer: count }) failures!: number;
  /** Names one start of a worker, to tell whether two rows were written by the same. */
  @Column('uuid', { name: 'process_id' }) processId!: string;
}
