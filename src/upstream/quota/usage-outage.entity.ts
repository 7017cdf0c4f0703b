import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** A kind of upstream whose usage endpoint fails for too many accounts at once: nobody asks it for a while. */
@Entity('usage_outage')
@Check('usage_outage_rounds_ck', 'rounds > 0')
export class UsageOutage {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'usage_outage_pk' }) kind!: string;
  /** In a row; each waits twice as long. */
  @Column('integer') rounds!: number;
  @Column('timestamptz') until!: Date;
}
