import { z } from 'zod';
import { auditEventView, type AuditEventView } from '../../control/index.js';
import { tool } from '../tool.js';
import { part, present, slugOf } from './asked.js';
import { clientAddress, instant, limitOf, offset, poolSelector, text, textOrNone } from './fields.js';
import { detail, detailOf, orMissing } from './found.js';

const outcome = auditEventView.shape.outcome;
const actorType = auditEventView.shape.actor.shape.kind;

const event = z.strictObject({
  id: z.uuid(),
  occurred_at: instant,
  actor_type: actorType,
  actor_user_id: text,
  actor_label: text,
  client_ip: clientAddress,
  pool_id: z.uuid().nullable(),
  request_id: z.string().nullable(),
  action: z.string(),
  target_type: z.string().nullable(),
  target_id: textOrNone,
  target_label: textOrNone,
  outcome,
  correlation_id: z.string().nullable().describe('the event that said that this one was about to be'),
  details: z.strictObject({
    fields: z.array(z.string()).describe('which fields were asked for or changed, without what they say'),
  }),
});

const wanted = z.string().trim().min(1).max(300).optional();
const time = z.iso.datetime({ offset: true }).optional();

export const listAuditLogs = tool({
  name: 'list_audit_logs',
  title: 'Audit',
  description: 'What operators did, the newest first: who, what, to what, and how it ended.',
  effect: 'reads',
  input: z.strictObject({
    pool_id: poolSelector,
    outcome: outcome.optional(),
    actor_type: actorType.optional(),
    actor: wanted.describe('label or id'),
    action: wanted.describe('key.create, or key for all that was done to keys'),
    target: wanted.describe('label or id'),
    request: wanted.describe('id of the request'),
    date_from: time,
    date_to: time.describe('up to and without it'),
    limit: limitOf(50, 25),
    offset,
  }),
  output: z.strictObject({
    items: z.array(event),
    total: z.int().nullable().describe('null: there are more than were counted'),
    limit: z.int(),
    offset: z.int(),
    nextOffset: z.int().nullable(),
  }),
  run: async ({ pool_id, actor_type, request, date_from, date_to, limit, offset: from, ...same }, call) => {
    const asked = {
      ...present(same),
      ...(await slugOf(call, pool_id)),
      ...present({ actorKind: actor_type, requestId: request, from: date_from, to: date_to }),
    };
    const { items, ...rest } = await part(call, 'audit.list', auditEventView, { ...asked, limit, offset: from });
    return {
      text: `${items.length} events, the newest first.`,
      content: { items: items.map(eventOf), limit, offset: from, ...rest },
    };
  },
});

export const getAuditLog = tool({
  name: 'get_audit_log',
  title: 'An event of the audit',
  description: 'One event of the audit, by its id.',
  effect: 'reads',
  input: z.strictObject({ id: z.uuid() }),
  output: detailOf('audit_log', event),
  run: async ({ id }, call) =>
    detail('audit_log', await orMissing(call.ask('audit.get', { event: id })), (found) =>
      eventOf(auditEventView.parse(found)),
    ),
});

const eventOf = (each: AuditEventView): z.input<typeof event> => ({
  id: each.id,
  occurred_at: each.occurredAt,
  actor_type: each.actor.kind,
  actor_user_id: each.actor.id,
  actor_label: each.actor.label,
  client_ip: each.address,
  pool_id: each.poolId,
  request_id: each.requestId,
  action: each.action,
  target_type: each.target?.type ?? null,
  target_id: each.target?.id ?? null,
  target_label: each.target?.label ?? null,
  outcome: each.outcome,
  correlation_id: each.begunId,
  details: { fields: fieldsOf(each.details) },
});

/** Names of what was asked for or changed, never what they say: what was before and after may be anything. */
function fieldsOf({ asked, before, after }: AuditEventView['details']): string[] {
  const [was, is] = [partsOf(before), partsOf(after)];
  const changed = Object.keys({ ...was, ...is }).filter(
    (name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]),
  );
  return [...new Set([...Object.keys(partsOf(asked)), ...(before === undefined ? [] : changed)])].sort();
}

const partsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
