import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A creation that can be asked for again under its key. */
@Entity('idempotency_key')
@Index('idempotency_key_started_idx', ['startedAt'])
export class IdempotencyKey {
  @PrimaryColumn('text', { name: 'actor_id', primaryKeyConstraintName: 'idempotency_key_pk' }) actorId!: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'idempotency_key_pk' }) key!: string;
  @Column('text') operation!: string;
  @Column('bytea', { name: 'input_digest' }) inputDigest!: Buffer;
  /** Sealed, as it may hold a new secret; null: it still runs, or its process died. */
  @Column('bytea', { nullable: true }) answer!: Buffer | null;
  @Column('timestamptz', { name: 'started_at', default: () => 'now()' }) startedAt!: Date;
}
