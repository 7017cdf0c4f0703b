import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** The one row that says whose counters are believed. See `LimitEpochRepository`. */
@Entity('limit_epoch')
@Check('limit_epoch_singleton_ck', 'singleton')
@Check('limit_epoch_store_ck', "store IN ('redis', 'postgres')")
export class LimitEpoch {
  @PrimaryColumn('boolean', { primaryKeyConstraintName: 'limit_epoch_pk', default: true }) singleton!: boolean;
  @Column('bigint') epoch!: string;
  @Column('text', { default: 'redis' }) store!: 'redis' | 'postgres';
  @Column('timestamptz', { name: 'insisted_until', default: () => 'now()' }) insistedUntil!: Date;
}
