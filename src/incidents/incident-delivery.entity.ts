import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { Incident } from './incident.entity.js';
import { Webhook } from './webhook.entity.js';

export type DeliveryEvent = 'opened' | 'resolved';
/** `discarded`: what it was about was over before its cooldown was. */
export type DeliveryStatus = 'pending' | 'sent' | 'failed' | 'discarded';

/** One event of one incident on its way to one webhook. Its id is what receivers know the event by. */
@Entity('incident_delivery')
@Unique('incident_delivery_event_uq', ['incidentId', 'event', 'webhookId'])
@Check('incident_delivery_event_ck', `event IN ('opened', 'resolved')`)
@Check('incident_delivery_status_ck', `status IN ('pending', 'sent', 'failed', 'discarded')`)
@Check('incident_delivery_attempts_ck', 'attempts >= 0 AND attempts <= 5')
@Check('incident_delivery_completed_ck', `(status = 'pending') = (completed_at IS NULL)`)
@Index('incident_delivery_webhook_idx', ['webhookId'])
@Index('incident_delivery_due_idx', ['nextAttemptAt'], { where: `status = 'pending'` })
export class IncidentDelivery {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'incident_delivery_pk' }) id!: string;
  @Column('uuid', { name: 'incident_id' })
  @ForeignKey(() => Incident, { name: 'incident_delivery_incident_fk', onDelete: 'CASCADE' })
  incidentId!: string;
  @Column('uuid', { name: 'webhook_id' })
  @ForeignKey(() => Webhook, { name: 'incident_delivery_webhook_fk', onDelete: 'CASCADE' })
  webhookId!: string;
  @Column('text') event!: DeliveryEvent;
  @Column('text', { default: 'pending' }) status!: DeliveryStatus;
  /** Begun; five at most. */
  @Column('integer', { default: 0 }) attempts!: number;
  /** Of the last one. */
  @Column('uuid', { name: 'attempt_id', nullable: true }) attemptId!: string | null;
  @Column('timestamptz', { name: 'next_attempt_at' }) nextAttemptAt!: Date;
  @Column('integer', { name: 'response_status', nullable: true }) responseStatus!: number | null;
  /** `http_404`, `timeout`, `ECONNREFUSED`, `address_refused`, …: never the receiver's words. */
  @Column('text', { name: 'failure_code', nullable: true }) failureCode!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'completed_at', nullable: true }) completedAt!: Date | null;
}
