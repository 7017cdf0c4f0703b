import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { auditDetails, type AuditDetails } from './audit-details.js';
import type { AuditAction, AuditEvent, AuditRecord, AuditTarget } from './audit-event.js';
import { conditionOf, type AuditFilter, type AuditPage } from './audit-query.js';
import { AuditRepository, COLUMNS, recordOf, type AuditRow } from './audit.repository.js';
import { breakAt, type Break, type Link } from './chain.js';

/** The end of an action that was begun. Whoever cannot write it has not done the action properly: it throws. */
export interface BegunAction {
  succeeded(target?: AuditTarget, details?: AuditDetails): Promise<void>;
  /** @param code what kind of failure, never its text */
  failed(code: string): Promise<void>;
}

export type Verified =
  | { readonly ok: true; readonly events: number; readonly first: number; readonly last: number; readonly hash: string }
  /** `seq` is the place in the chain where it does not hold any more. */
  | { readonly ok: false; readonly seq: number; readonly why: Break; readonly id?: string };

const BATCH = 1_000;
const NO_ID = '00000000-0000-0000-0000-000000000000';

/** Behind which event; by id, too, so that two events at one place of a broken chain are both seen. */
type Place = readonly [seq: number, id: string];

interface Range {
  readonly place: Place;
  readonly to: number;
  readonly limit: number;
}

/**
 * Who did what. Events are only ever added, each tied to the one before by a hash, and whoever cannot write one must not
 * act: every method that writes rejects then.
 */
@Injectable()
export class AuditService {
  constructor(
    private readonly database: DataSource,
    private readonly events: AuditRepository,
  ) {}

  /** @param transaction of the change itself, as its last statement: both are there afterwards, or neither */
  record(event: AuditEvent, transaction?: EntityManager): Promise<AuditRecord> {
    return this.events.append(event, transaction);
  }

  /**
   * Says that something is about to be done, for changes that are no one transaction. What came of it is said by another
   * event; a beginning without an end is of a process that died, or lost the database.
   */
  async begin(action: AuditAction): Promise<BegunAction> {
    const { id: begunId } = await this.record({ ...action, outcome: 'begun' });
    const { details: _, ...about } = action;
    return {
      succeeded: async (target = action.target, details) => {
        const event: AuditEvent = {
          ...about,
          ...(target && { target }),
          ...(details && { details }),
          outcome: 'success',
          begunId,
        };
        await this.record(event);
      },
      failed: async (code) => {
        await this.record({ ...about, details: auditDetails({ code }), outcome: 'failure', begunId });
      },
    };
  }

  /** The newest first. */
  async query(filter: AuditFilter, { limit, after }: AuditPage): Promise<{ items: AuditRecord[]; next?: string }> {
    const { sql, parameters } = conditionOf(filter);
    const before = after === undefined ? Number.MAX_SAFE_INTEGER : seqIn(after);
    const rows = await this.database.query<AuditRow[]>(
      `SELECT ${COLUMNS} FROM audit_event AS event WHERE ${sql} AND seq < $${parameters.length + 1}
        ORDER BY seq DESC LIMIT $${parameters.length + 2}`,
      [...parameters, before, limit + 1],
    );
    const items = rows.slice(0, limit).map(recordOf);
    const last = items.at(-1);
    return { items, ...(rows.length > limit && last ? { next: String(last.seq) } : {}) };
  }

  async find(id: string): Promise<AuditRecord | undefined> {
    const [row] = await this.database.query<AuditRow[]>(`SELECT ${COLUMNS} FROM audit_event WHERE id = $1`, [id]);
    return row && recordOf(row);
  }

  /** Every event that is meant, also beginnings, the oldest first; up to what was the newest when its first page was asked. */
  async exported(filter: AuditFilter, { limit, after }: AuditPage): Promise<{ items: AuditRecord[]; next?: string }> {
    const start = after === undefined ? undefined : positionIn(after);
    const to = start?.to ?? (await this.events.ends()).newest.seq;
    const place = start?.place ?? [0, NO_ID];
    const found = await this.inOrder(this.database.manager, { ...filter, all: true }, { place, to, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, ...(found.length > limit && last ? { next: `${to}.${last.seq}.${last.id}` } : {}) };
  }

  /** Whether the chain holds, from the oldest event that is kept to the newest, as they are at one moment. */
  verify(): Promise<Verified> {
    return this.database.transaction('REPEATABLE READ', async (transaction) => {
      const { anchor, newest } = await this.events.ends(transaction);
      let before: Link = anchor;
      for await (const batch of this.batches(transaction)) {
        for (const event of batch) {
          const why = event.seq > newest.seq ? 'inserted' : breakAt(before, event);
          if (why) return { ok: false, seq: why === 'missing' ? before.seq + 1 : event.seq, why, id: event.id };
          before = { seq: event.seq, hash: Buffer.from(event.hash, 'hex') };
        }
      }
      if (before.seq < newest.seq) return { ok: false, seq: before.seq + 1, why: 'missing' };
      if (!before.hash.equals(newest.hash)) return { ok: false, seq: before.seq, why: 'changed' };
      const events = newest.seq - anchor.seq;
      return { ok: true, events, first: anchor.seq + 1, last: newest.seq, hash: newest.hash.toString('hex') };
    });
  }

  private async *batches(manager: EntityManager): AsyncGenerator<readonly AuditRecord[]> {
    let place: Place = [-1, NO_ID];
    for (;;) {
      const range = { place, to: Number.MAX_SAFE_INTEGER, limit: BATCH };
      const batch = await this.inOrder(manager, { all: true }, range);
      const last = batch.at(-1);
      if (last) yield batch;
      if (!last || batch.length < BATCH) return;
      place = [last.seq, last.id];
    }
  }

  private async inOrder(
    manager: EntityManager,
    filter: AuditFilter,
    { place, to, limit }: Range,
  ): Promise<AuditRecord[]> {
    const { sql, parameters } = conditionOf(filter);
    const at = parameters.length;
    const rows = await manager.query<AuditRow[]>(
      `SELECT ${COLUMNS} FROM audit_event AS event
        WHERE ${sql} AND (seq, id) > ($${at + 1}::bigint, $${at + 2}::uuid) AND seq <= $${at + 3}
        ORDER BY seq, id LIMIT $${at + 4}`,
      [...parameters, ...place, to, limit],
    );
    return rows.map(recordOf);
  }
}

/** A cursor that is none is as good as one after the last event. */
const seqIn = (cursor: string): number => (/^\d{1,15}$/.test(cursor) ? Number(cursor) : 0);

function positionIn(cursor: string): { readonly to: number; readonly place: Place } {
  const [, to, seq, id] = /^(\d{1,15})\.(\d{1,15})\.([0-9a-f-]{36})$/.exec(cursor) ?? [];
  return to === undefined || seq === undefined || id === undefined
    ? { to: 0, place: [0, NO_ID] }
    : { to: Number(to), place: [Number(seq), id] };
}
