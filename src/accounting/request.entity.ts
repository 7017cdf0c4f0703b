import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { CallId, KeyId, PoolId } from '../core/index.js';
import type { Transport } from './call-intent.js';
import type { DecisionRecord } from './decision-record.js';
import type { CallOutcome } from './settlement.js';

export type RequestStatus = 'in_flight' | CallOutcome;

/** One routed call: written before its first byte goes out, closed with its ledger entry. Metadata only. */
@Entity('request')
@Check('request_transport_ck', "transport IN ('http_sse', 'http_json', 'websocket')")
@Check('request_status_ck', "status IN ('in_flight', 'succeeded', 'failed', 'cancelled', 'rejected')")
@Index('request_pool_received_idx', ['poolId', 'receivedAt'])
@Index('request_key_received_idx', ['keyId', 'receivedAt'])
@Index('request_request_id_idx', ['requestId'])
@Index('request_received_idx', ['receivedAt', 'id'])
@Index('request_error_received_idx', ['errorCode', 'receivedAt'], { where: 'error_code IS NOT NULL' })
@Index('request_unsuccessful_idx', ['status', 'receivedAt'], {
  where: "status IN ('failed', 'cancelled', 'rejected')",
})
@Index('request_in_flight_idx', ['processId'], { where: "status = 'in_flight'" })
export class RequestRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'request_pk' }) id!: CallId;
  /** What the client sees as `x-request-id`: its own choice or ours, not unique. */
  @Column('text', { name: 'request_id' }) requestId!: string;
  @Column('uuid', { name: 'process_id' }) processId!: string;
  @Column('uuid', { name: 'pool_id' }) poolId!: PoolId;
  @Column('uuid', { name: 'key_id' }) keyId!: KeyId;
  @Column('text', { name: 'key_label' }) keyLabel!: string;
  @Column('text') dialect!: string;
  @Column('text') route!: string;
  @Column('text') transport!: Transport;
  @Column('text') model!: string;
  @Column('bytea', { name: 'session_digest', nullable: true }) sessionDigest!: Buffer | null;
  @Column('text', { name: 'trace_id', nullable: true }) traceId!: string | null;
  @Column('text') status!: RequestStatus;
  @Column('integer', { name: 'http_status', nullable: true }) httpStatus!: number | null;
  @Column('text', { name: 'error_code', nullable: true }) errorCode!: string | null;
  @Column('text', { nullable: true }) blame!: string | null;
  /** Why these accounts, and why not the others. Shown, never queried. */
  @Column('jsonb', { nullable: true }) decision!: DecisionRecord | null;
  /** All that gateways of an older version say of that; the others leave it null. */
  @Column('jsonb', { nullable: true }) exclusions!: { account: string; label: string; reason: string }[] | null;
  @Column('integer', { name: 'attempt_count', default: 0 }) attemptCount!: number;
  @Column('timestamptz', { name: 'received_at' }) receivedAt!: Date;
  @Column('timestamptz', { name: 'first_event_at', nullable: true }) firstEventAt!: Date | null;
  @Column('timestamptz', { name: 'completed_at', nullable: true }) completedAt!: Date | null;
}
