import { z } from 'zod';
import { RULE_KINDS, SEVERITIES, type Incident, type IncidentWithDeliveries } from '../../incidents/index.js';
import { sees } from '../actor.js';
import type { OperationCall } from '../operation.js';
import { VOLATILE } from '../version.js';

export const INCIDENT_STATES = ['open', 'acknowledged', 'resolved'] as const;

const time = z.iso.datetime().nullable();

/** Something that a rule found, from when it was seen first until it was not seen any more. */
export const incidentView = z.object({
  id: z.uuid(),
  state: z.enum(INCIDENT_STATES),
  severity: z.enum(SEVERITIES),
  ruleId: z.uuid(),
  ruleName: z.string(),
  ruleKind: z.enum(RULE_KINDS),
  reasonCode: z.string(),
  targetKind: z.enum(['pool', 'account', 'key', 'job']),
  targetId: z.string(),
  targetLabel: z.string(),
  poolIds: z.array(z.uuid()).describe('whose operators it concerns, of those that the token may see'),
  evidence: z.record(z.string(), z.unknown()).describe('numbers, ids and codes, as last seen'),
  occurrenceCount: z.int().describe('how many evaluations found it'),
  firstSeenAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  acknowledgedAt: time,
  acknowledgedBy: z.string().nullable(),
  resolvedAt: time,
  dedupeKey: z.string(),
  toldAt: z.iso.datetime().describe('now'),
});

const delivery = z.object({
  id: z.uuid().describe('what receivers know the event by'),
  webhook: z.string(),
  event: z.enum(['opened', 'resolved']),
  status: z.enum(['pending', 'sent', 'failed', 'discarded']),
  attempts: z.int(),
  nextAttemptAt: z.iso.datetime(),
  responseStatus: z.int().nullable(),
  failureCode: z.string().nullable(),
  createdAt: z.iso.datetime(),
  completedAt: time,
});

/** An incident, and who was told. */
export const incidentDetailView = incidentView.extend({
  deliveries: z.array(delivery).optional().describe('absent for tokens that are bound to Pools'),
});
VOLATILE.add(incidentDetailView, { fields: ['evidence', 'occurrenceCount', 'lastSeenAt', 'deliveries', 'toldAt'] });

export type IncidentView = z.output<typeof incidentView>;
export type IncidentDetailView = z.output<typeof incidentDetailView>;

/** As its reader may see it. */
export const incidentViewOf = (incident: Incident, { actor, nowMs }: OperationCall): IncidentView => ({
  id: incident.id,
  state: incident.state,
  severity: incident.severity,
  ruleId: incident.ruleId,
  ruleName: incident.ruleName,
  ruleKind: incident.ruleKind,
  reasonCode: incident.reasonCode,
  targetKind: incident.targetKind,
  targetId: incident.targetId,
  targetLabel: incident.targetLabel,
  poolIds: incident.poolIds.filter((id) => sees(actor, id)),
  evidence: { ...incident.evidence },
  occurrenceCount: incident.occurrenceCount,
  firstSeenAt: incident.firstSeenAt.toISOString(),
  lastSeenAt: incident.lastSeenAt.toISOString(),
  acknowledgedAt: incident.acknowledgedAt?.toISOString() ?? null,
  acknowledgedBy: incident.acknowledgedBy,
  resolvedAt: incident.resolvedAt?.toISOString() ?? null,
  dedupeKey: incident.dedupeKey,
  toldAt: new Date(nowMs).toISOString(),
});

export const deliveryViewOf = (told: IncidentWithDeliveries['deliveries'][number]): z.output<typeof delivery> => ({
  id: told.id,
  webhook: told.webhook,
  event: told.event,
  status: told.status,
  attempts: told.attempts,
  nextAttemptAt: told.nextAttemptAt.toISOString(),
  responseStatus: told.responseStatus,
  failureCode: told.failureCode,
  createdAt: told.createdAt.toISOString(),
  completedAt: told.completedAt?.toISOString() ?? null,
});
