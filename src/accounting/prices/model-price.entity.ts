import { Check, Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { StoredBand } from './stored-prices.js';

/**
 * A price that the operator has set in place of the list's. Rows are only ever added: the newest one of a model, tier
 * and band holds, and one without rates gives the list's price back. Rates are pico-USD (10⁻¹² USD) per token.
 */
@Entity('model_price')
@Check('model_price_model_ck', "model <> '' AND model = lower(model)")
@Check('model_price_band_ck', "band IN ('default', 'long_context')")
@Check(
  'model_price_rates_ck',
  'input >= 0 AND cached_input >= 0 AND cache_write >= 0 AND output >= 0 AND reasoning >= 0',
)
@Check(
  'model_price_whole_ck',
  'num_nonnulls(input, output) = 2 OR num_nonnulls(input, cached_input, cache_write, output, reasoning) = 0',
)
export class ModelPrice {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'model_price_pk',
  })
  id!: string;
  /** A name, or a pattern with `*`. */
  @Column('text') model!: string;
  @Column('text') tier!: string;
  @Column('text') band!: StoredBand;
  @Column('bigint', { nullable: true }) input!: string | null;
  @Column('bigint', { name: 'cached_input', nullable: true }) cachedInput!: string | null;
  @Column('bigint', { name: 'cache_write', nullable: true }) cacheWrite!: string | null;
  @Column('bigint', { nullable: true }) output!: string | null;
  /** Null: reasoning costs what other output does. */
  @Column('bigint', { nullable: true }) reasoning!: string | null;
  /** Never before that of a row with a lower id: the rows that hold at a moment are those up to one id. */
  @Column('timestamptz', { name: 'effective_from' }) effectiveFrom!: Date;
  @Column('text') source!: string;
  @Column('timestamptz', { name: 'created_at', default: () => 'now()' }) createdAt!: Date;
}
