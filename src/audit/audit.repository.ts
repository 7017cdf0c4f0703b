import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { newCallId } from '../core/index.js';
import { auditDetails } from './audit-details.js';
import type { AuditEvent, AuditRecord } from './audit-event.js';
import { hashOf, type Link, type Unchained } from './chain.js';

export const COLUMNS = `id, seq, occurred_at, actor_kind, actor_id, actor_label, action, target_type, target_id,
  target_label, pool_id, outcome, begun_id, request_id, address, details, prev_hash, hash`;

/** One writer at a time, over all processes, until its transaction ends. */
const TAKE_TURN = `SELECT pg_advisory_xact_lock(hashtextextended('codex-pooler audit', 0))`;

/** No event is older than the one before it, whatever the clock does: partitions follow the order of the chain. */
const NEWEST = `
  SELECT seq, hash, greatest(date_trunc('milliseconds', clock_timestamp()), at) AS now FROM audit_chain WHERE id = 1`;

const APPEND = `
  WITH appended AS (
    INSERT INTO audit_event (${COLUMNS})
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) RETURNING seq, hash, occurred_at)
  UPDATE audit_chain SET seq = appended.seq, hash = appended.hash, at = appended.occurred_at FROM appended
   WHERE audit_chain.id = 1`;

export interface AuditRow {
  readonly id: string;
  readonly seq: string;
  readonly occurred_at: Date;
  readonly actor_kind: AuditRecord['actor']['kind'];
  readonly actor_id: string;
  readonly actor_label: string;
  readonly action: string;
  readonly target_type: string | null;
  readonly target_id: string | null;
  readonly target_label: string | null;
  readonly pool_id: string | null;
  readonly outcome: AuditRecord['outcome'];
  readonly begun_id: string | null;
  readonly request_id: string | null;
  readonly address: string | null;
  readonly details: object;
  readonly prev_hash: Buffer;
  readonly hash: Buffer;
}

interface Newest {
  readonly seq: string;
  readonly hash: Buffer;
  readonly now: Date;
}

/** The chain of events as its table holds it. */
@Injectable()
export class AuditRepository {
  constructor(private readonly database: DataSource) {}

  /**
   * Adds an event to the end of the chain. Every other writer waits until the transaction ends, so it should be the
   * transaction's last statement.
   */
  append(event: AuditEvent, transaction?: EntityManager): Promise<AuditRecord> {
    return transaction
      ? this.appendIn(transaction, event)
      : this.database.transaction((own) => this.appendIn(own, event));
  }

  /** Both ends, as they are now. */
  async ends(manager: EntityManager = this.database.manager): Promise<{ anchor: Link; newest: Link }> {
    const [row] = await manager.query<{ seq: string; hash: Buffer; anchor_seq: string; anchor_hash: Buffer }[]>(
      'SELECT seq, hash, anchor_seq, anchor_hash FROM audit_chain WHERE id = 1',
    );
    if (!row) throw new Error('The row of audit_chain is gone.');
    return {
      anchor: { seq: Number(row.anchor_seq), hash: row.anchor_hash },
      newest: { seq: Number(row.seq), hash: row.hash },
    };
  }

  private async appendIn(transaction: EntityManager, given: AuditEvent): Promise<AuditRecord> {
    await transaction.query(TAKE_TURN);
    const [newest] = await transaction.query<Newest[]>(NEWEST);
    if (!newest) throw new Error('The row of audit_chain is gone.');
    const event = unchained(given, newest);
    const hash = hashOf(newest.hash, event);
    await transaction.query(APPEND, parametersOf(event, newest.hash, hash));
    return { ...event, prevHash: newest.hash.toString('hex'), hash: hash.toString('hex') };
  }
}

export const recordOf = (row: AuditRow): AuditRecord => ({
  id: row.id,
  seq: Number(row.seq),
  occurredAt: row.occurred_at.toISOString(),
  actor: { kind: row.actor_kind, id: row.actor_id, label: row.actor_label },
  action: row.action,
  target: row.target_type === null ? null : { type: row.target_type, id: row.target_id, label: row.target_label },
  poolId: row.pool_id,
  outcome: row.outcome,
  begunId: row.begun_id,
  requestId: row.request_id,
  address: row.address,
  details: row.details,
  prevHash: row.prev_hash.toString('hex'),
  hash: row.hash.toString('hex'),
});

/** Names and ids are made as fit for the table as details are. */
function unchained({ actor, target, ...event }: AuditEvent, { seq, now }: Newest): Unchained {
  const { names } = auditDetails({
    names: {
      id: actor.id,
      label: actor.label,
      target: target?.id,
      targetLabel: target?.label,
      request: event.requestId,
    },
  }) as unknown as { names: { id: string; label: string; target?: string; targetLabel?: string; request?: string } };
  return {
    id: newCallId(now.getTime()),
    seq: Number(seq) + 1,
    occurredAt: now.toISOString(),
    actor: { kind: actor.kind, id: names.id, label: names.label },
    action: event.action,
    target: target ? { type: target.type, id: names.target ?? null, label: names.targetLabel ?? null } : null,
    poolId: target?.poolId ?? null,
    outcome: event.outcome,
    begunId: event.begunId ?? null,
    requestId: names.request ?? null,
    address: event.address ?? null,
    details: event.details ?? {},
  };
}

const parametersOf = (event: Unchained, prevHash: Buffer, hash: Buffer): unknown[] => [
  event.id,
  event.seq,
  event.occurredAt,
  event.actor.kind,
  event.actor.id,
  event.actor.label,
  event.action,
  event.target?.type ?? null,
  event.target?.id ?? null,
  event.target?.label ?? null,
  event.poolId,
  event.outcome,
  event.begunId,
  event.requestId,
  event.address,
  JSON.stringify(event.details),
  prevHash,
  hash,
];
