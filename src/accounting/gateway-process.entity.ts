import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One incarnation of a gateway process, from its start to its clean end or to the sweep that settles what it left. */
@Entity('gateway_process')
export class GatewayProcess {
  /** A new one at every start: a restarted container is another process. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'gateway_process_pk' }) id!: string;
  @Column('text') role!: string;
  @Column('text') host!: string;
  /** Absent: one of the version before wrote the row. */
  @Column('text', { nullable: true }) version!: string | null;
  @Column('timestamptz', { name: 'started_at' }) startedAt!: Date;
  /** By the database's clock, like every time in this row. */
  @Column('timestamptz', { name: 'heartbeat_at' }) heartbeatAt!: Date;
  /** Set by the first look of the sweep, cleared by the next heartbeat. */
  @Column('timestamptz', { name: 'suspected_at', nullable: true }) suspectedAt!: Date | null;
}
