import { z } from 'zod';
import { incidentView, type IncidentView } from '../../control/index.js';
import { tool } from '../tool.js';
import { part, slugOf } from './asked.js';
import { instant, instantOrNone, limitOf, offset, poolSelector, text } from './fields.js';

const state = incidentView.shape.state;

const incident = z.strictObject({
  id: z.uuid(),
  state,
  severity: incidentView.shape.severity,
  rule_name: text,
  rule_kind: z.string(),
  reason_code: z.string(),
  target_kind: incidentView.shape.targetKind,
  target_id: z.string(),
  target_label: text,
  pool_ids: z.array(z.uuid()),
  occurrence_count: z.int(),
  first_seen_at: instant,
  last_seen_at: instant,
  acknowledged_at: instantOrNone,
  resolved_at: instantOrNone,
});

export const listIncidents = tool({
  name: 'list_incidents',
  title: 'Incidents',
  description: 'What is wrong now, as the rules find it, the newest first; resolved ones when asked for.',
  effect: 'reads',
  input: z.strictObject({
    states: z.array(state).min(1).max(3).default(['open', 'acknowledged']),
    pool_id: poolSelector,
    limit: limitOf(100, 25),
    offset,
  }),
  output: z.strictObject({
    items: z.array(incident),
    total: z.int().nullable().describe('null: there are more than were counted'),
    limit: z.int(),
    offset: z.int(),
    nextOffset: z.int().nullable(),
  }),
  run: async ({ states, pool_id, limit, offset: from }, call) => {
    const asked = { states, ...(await slugOf(call, pool_id)), limit, offset: from };
    const { items, ...rest } = await part(call, 'incidents.list', incidentView, asked);
    return {
      text: `${items.length} incidents.`,
      content: { items: items.map(incidentOf), limit, offset: from, ...rest },
    };
  },
});

const incidentOf = (each: IncidentView): z.input<typeof incident> => ({
  id: each.id,
  state: each.state,
  severity: each.severity,
  rule_name: each.ruleName,
  rule_kind: each.ruleKind,
  reason_code: each.reasonCode,
  target_kind: each.targetKind,
  target_id: each.targetId,
  target_label: each.targetLabel,
  pool_ids: each.poolIds,
  occurrence_count: each.occurrenceCount,
  first_seen_at: each.firstSeenAt,
  last_seen_at: each.lastSeenAt,
  acknowledged_at: each.acknowledgedAt,
  resolved_at: each.resolvedAt,
});
