import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** A price list that was imported, whole, as it came and as it was found valid. */
@Entity('price_feed')
@Unique('price_feed_version_uq', ['version'])
export class PriceFeed {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'price_feed_pk',
  })
  id!: string;
  @Column('text') version!: string;
  /** A file's name, or the URL without its query. */
  @Column('text') source!: string;
  @Column('jsonb') body!: unknown;
  @Column('timestamptz', { name: 'imported_at', default: () => 'now()' }) importedAt!: Date;
}
