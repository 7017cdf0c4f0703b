import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { PoolId } from '../../core/index.js';
import { Incidents, RULE_KINDS, type IncidentFilter } from '../../incidents/index.js';
import { sees, type Actor } from '../actor.js';
import { ControlError } from '../control-error.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { keysetCursor, keysetPosition, pageOf, PAGE_INPUT } from '../page.js';
import { said } from '../said.js';
import {
  deliveryViewOf,
  INCIDENT_STATES,
  incidentDetailView,
  incidentView,
  incidentViewOf,
  type IncidentDetailView,
} from '../views/incident-view.js';
import { NamedThings } from './named-things.service.js';

const listing = z.object({
  states: z.array(z.enum(INCIDENT_STATES)).min(1).max(3).default(['open', 'acknowledged']),
  pool: z.string().max(63).optional().describe('slug: what concerns one Pool only'),
  ruleKind: z.enum(RULE_KINDS).optional(),
  ...PAGE_INPUT,
});
const named = z.object({ incident: z.string().min(1).max(100) });

/** What is wrong, as rules find it. */
@Injectable()
export class IncidentOperations extends OperationSet {
  constructor(
    private readonly incidents: Incidents,
    private readonly things: NamedThings,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'incidents.list',
      summary: 'What is open or acknowledged, the newest first; with its states, what is resolved',
      method: 'GET',
      path: '/incidents',
      scope: 'read',
      input: listing,
      output: pageOf(incidentView),
      run: (input, call) => this.page(input, call),
    }),
    operation({
      name: 'incidents.get',
      summary: 'One incident, its evidence, and who was told',
      method: 'GET',
      path: '/incidents/{incident}',
      scope: 'read',
      input: named,
      output: incidentDetailView,
      run: (input, call) => this.view(input, call),
    }),
    operation({
      name: 'incidents.acknowledge',
      summary: 'Say that somebody is on it; it is resolved when it is over, and not before',
      method: 'POST',
      path: '/incidents/{incident}/acknowledge',
      scope: 'pools:write',
      input: named,
      output: z.object({
        changed: z.boolean().describe('false: it was acknowledged, or over, already'),
        incident: incidentDetailView,
      }),
      change: {
        action: 'incident.acknowledge',
        target: ({ incident }, _output, before) => ({ type: 'incident', id: incident, ...aboutOf(before) }),
        thing: { view: incidentDetailView, read: (input, call) => this.view(input, call) },
      },
      run: async ({ incident }, call) => {
        const by = `${call.actor.kind} ${call.actor.label}`;
        const done = await this.incidents.acknowledge(incident, by, seenBy(call.actor));
        if (done === undefined) throw missing();
        return { changed: done.changed, incident: await this.view({ incident }, call) };
      },
    }),
  ];

  private async page({ states, pool, ruleKind, limit, after }: z.output<typeof listing>, call: OperationCall) {
    const poolIds = pool === undefined ? seenBy(call.actor) : [(await this.things.pool(pool, call)).id];
    const position = keysetPosition(after);
    const filter: IncidentFilter = { states, limit: limit + 1, ...said({ poolIds, ruleKind }) };
    const last = position && { after: { id: position.id, firstSeenAt: new Date(position.at) } };
    const found = await this.incidents.list({ ...filter, ...last });
    const items = found.slice(0, limit).map((each) => incidentViewOf(each, call));
    const end = items.at(-1);
    const next = found.length > limit && end ? { next: keysetCursor({ at: end.firstSeenAt, id: end.id }) } : {};
    return { items, ...next };
  }

  /** Webhooks belong to no Pool: who sees Pools only is not told of them. */
  private async view({ incident: id }: z.output<typeof named>, call: OperationCall): Promise<IncidentDetailView> {
    const found = await this.incidents.get(id, seenBy(call.actor));
    if (found === undefined) throw missing();
    const { incident, deliveries } = found;
    return {
      ...incidentViewOf(incident, call),
      ...(sees(call.actor, undefined) && { deliveries: deliveries.map(deliveryViewOf) }),
    };
  }
}

/** The Pools whose incidents an actor sees; absent: all of all Pools, and those of none. */
const seenBy = ({ poolIds }: Actor): readonly PoolId[] | undefined =>
  poolIds === undefined ? undefined : [...poolIds];

const missing = (): ControlError => new ControlError('not_found', 'There is no incident of that id.');

/** Of what concerns one Pool, its operators find what was done. */
function aboutOf(incident: unknown): { readonly label?: string; readonly poolId?: string } {
  const { success, data } = incidentDetailView.safeParse(incident);
  if (!success) return {};
  const [poolId, ...more] = data.poolIds;
  const label = `${data.reasonCode} of ${data.targetKind} ${data.targetLabel}`;
  return { label, ...(poolId !== undefined && more.length === 0 && { poolId }) };
}
