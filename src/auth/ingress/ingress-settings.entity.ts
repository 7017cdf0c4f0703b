import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { AddressSource } from '../../platform/http/index.js';

/** The one row of what operators set while the gateway runs. Null: as the environment says. */
@Entity('ingress_settings')
@Check('ingress_settings_singleton_ck', 'singleton')
@Check('ingress_settings_source_ck', "source IN ('peer', 'x_forwarded_for', 'x_real_ip')")
@Check('ingress_settings_depth_ck', 'depth BETWEEN 0 AND 16')
export class IngressSettingsRow {
  @PrimaryColumn('boolean', { primaryKeyConstraintName: 'ingress_settings_pk', default: true }) singleton!: boolean;
  @Column('text', { name: 'allow_list', array: true, nullable: true }) allowList!: string[] | null;
  @Column('text', { name: 'operator_allow_list', array: true, nullable: true }) operatorAllowList!: string[] | null;
  @Column('text', { name: 'trusted_proxies', array: true, nullable: true }) trustedProxies!: string[] | null;
  @Column('text', { nullable: true }) source!: AddressSource | null;
  @Column('smallint', { nullable: true }) depth!: number | null;
  /** Grows with every change. */
  @Column('integer', { default: 1 }) version!: number;
  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' }) updatedAt!: Date;
}
