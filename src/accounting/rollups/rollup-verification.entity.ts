import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** Which finished UTC days of the rollups were compared with the ledger. */
@Entity('rollup_verification')
@Check('rollup_verification_repaired_rows_ck', 'repaired_rows >= 0')
export class RollupVerificationRow {
  /** `2027-01-31`. */
  @PrimaryColumn('date', { primaryKeyConstraintName: 'rollup_verification_pk' }) day!: string;
  @Column('timestamptz', { name: 'verified_at' }) verifiedAt!: Date;
  /** Rows that were not as the ledger says, and are now; 0: it was right. */
  @Column('integer', { name: 'repaired_rows' }) repairedRows!: number;
}
