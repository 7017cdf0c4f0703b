import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** The two ends of the chain of events: one row. */
@Entity('audit_chain')
@Check('audit_chain_one_ck', 'id = 1')
export class AuditChain {
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'audit_chain_pk' }) id!: number;
  /** Of the newest event; 0: there was none yet. */
  @Column('bigint') seq!: string;
  @Column('bytea') hash!: Buffer;
  @Column('timestamptz') at!: Date;
  /** Of the newest event that retention took away: the oldest one that is kept comes after it. */
  @Column('bigint', { name: 'anchor_seq' }) anchorSeq!: string;
  @Column('bytea', { name: 'anchor_hash' }) anchorHash!: Buffer;
}
