import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A thing that somebody changes right now. */
@Entity('change_lock')
export class ChangeLock {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'change_lock_pk' }) name!: string;
  @Column('uuid') holder!: string;
  @Column('timestamptz') until!: Date;
}
