import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ACTOR_KINDS, AUDIT_OUTCOMES, AuditService, type AuditFilter, type AuditRecord } from '../../audit/index.js';
import type { Actor } from '../actor.js';
import { notFound } from '../control-error.js';
import { moment, msOrNone } from '../instants.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { pageOf, PAGE_INPUT } from '../page.js';
import { seenDetails } from '../seen-details.js';
import { auditEventView, verifiedView, type AuditEventView } from '../views/audit-view.js';
import { seesWholeInstance } from '../whole-instance.js';
import { NamedThings } from './named-things.service.js';

/** What is exported is read whole: its pages are larger. */
const MAX_EXPORTED = 1_000;
const NO_CURSOR = 'is no cursor of this list';

const name = z.string().min(1).max(300).optional();
const time = moment.optional();

const filters = {
  pool: z.string().max(63).optional().describe('slug: of one Pool only'),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
  actorKind: z.enum(ACTOR_KINDS).optional(),
  actor: name.describe('label or id'),
  action: name.describe('key.create, or key for all that was done to keys'),
  targetType: name,
  target: name.describe('label or id'),
  requestId: name,
  from: time,
  to: time.describe('up to and without it'),
};
const listing = z.object({
  ...filters,
  all: z.boolean().default(false).describe('also the beginnings of what has ended'),
  ...PAGE_INPUT,
  after: z
    .string()
    .regex(/^\d{1,15}$/, NO_CURSOR)
    .optional(),
});
const exporting = z.object({
  ...filters,
  limit: z.int().min(1).max(MAX_EXPORTED).default(MAX_EXPORTED),
  after: z
    .string()
    .regex(/^\d{1,15}\.\d{1,15}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, NO_CURSOR)
    .optional(),
});

type Filters = Omit<z.output<typeof listing>, 'limit' | 'after' | 'all'>;

/** What operators did. Reading it is written down nowhere. */
@Injectable()
export class AuditOperations extends OperationSet {
  constructor(
    private readonly audit: AuditService,
    private readonly things: NamedThings,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'audit.list',
      summary: 'What operators did, the newest first',
      method: 'GET',
      path: '/audit',
      scope: 'read',
      input: listing,
      output: pageOf(auditEventView),
      run: async ({ limit, after, all, ...asked }, call) =>
        viewed(await this.audit.query({ ...(await this.filterOf(asked, call)), all }, { limit, after }), call.actor),
    }),
    operation({
      name: 'audit.get',
      summary: 'One event',
      method: 'GET',
      path: '/audit/{event}',
      scope: 'read',
      input: z.object({ event: z.uuid() }),
      output: auditEventView,
      run: async ({ event }, { actor }) => {
        const found = await this.audit.find(event);
        if (found === undefined || !isSeen(actor, found)) throw notFound('event');
        return viewOf(found, actor);
      },
    }),
    operation({
      name: 'audit.export',
      summary:
        'Every event, also the beginnings of what has ended, the oldest first, up to the newest at the first page',
      method: 'GET',
      path: '/audit/export',
      scope: 'read',
      input: exporting,
      output: pageOf(auditEventView),
      run: async ({ limit, after, ...asked }, call) =>
        viewed(await this.audit.exported(await this.filterOf(asked, call), { limit, after }), call.actor),
    }),
    operation({
      name: 'audit.verify',
      summary: 'Whether every event is there, and says what it said when it was written',
      method: 'GET',
      path: '/audit/verify',
      scope: 'read',
      input: z.object({}),
      output: verifiedView,
      run: async (_, { actor }) => {
        seesWholeInstance(actor);
        return this.audit.verify();
      },
    }),
  ];

  /** Who is bound to Pools sees what was done to those, and nothing else. */
  private async filterOf({ pool, from, to, ...asked }: Filters, call: OperationCall): Promise<AuditFilter> {
    const seen = call.actor.poolIds === undefined ? undefined : [...call.actor.poolIds];
    const poolIds = pool === undefined ? seen : [(await this.things.pool(pool, call)).id];
    return { ...asked, poolIds, fromMs: msOrNone(from), toMs: msOrNone(to) };
  }
}

const isSeen = (actor: Actor, { poolId }: AuditRecord): boolean =>
  actor.poolIds === undefined || [...actor.poolIds].some((id) => id === poolId);

/** A page as it is told. */
const viewed = (
  { items, ...rest }: { readonly items: readonly AuditRecord[]; readonly next?: string },
  actor: Actor,
) => ({
  items: items.map((each) => viewOf(each, actor)),
  ...rest,
});

const viewOf = (record: AuditRecord, actor: Actor): AuditEventView => ({
  ...record,
  details: seenDetails({ ...record.details }, actor),
});
