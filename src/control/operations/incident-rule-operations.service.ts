import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { IncidentRules, Incidents, RULE_KINDS, type StoredRule } from '../../incidents/index.js';
import { sees, type Actor } from '../actor.js';
import { ControlError } from '../control-error.js';
import { operation, OperationSet, type Change, type Operation, type OperationCall } from '../operation.js';
import { pageIn, pageOf, PAGE_INPUT } from '../page.js';
import { orRefused } from '../refused.js';
import { said } from '../said.js';
import { deletedView, deletedViewOf } from '../views/deleted-view.js';
import { incidentRuleSettings, incidentRuleView, incidentRuleViewOf } from '../views/incident-rule-view.js';
import { seesWholeInstance } from '../whole-instance.js';

const MOST_COUNTED = 500;

const named = z.object({ rule: z.string().min(1).max(64).describe('its id, or its name') });
const changes = z.object(incidentRuleSettings).partial();

/** What is looked for. Rules look at all Pools, so who is bound to some of them changes none. */
@Injectable()
export class IncidentRuleOperations extends OperationSet {
  constructor(
    private readonly rules: IncidentRules,
    private readonly incidents: Incidents,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'incidentRules.list',
      summary: 'All rules that the token may see, by name',
      method: 'GET',
      path: '/incident-rules',
      scope: 'read',
      input: z.object(PAGE_INPUT),
      output: pageOf(incidentRuleView),
      run: async (page, { actor }) => {
        const seen = (await this.rules.list()).filter((rule) => isSeen(actor, rule));
        return pageIn(seen.map(incidentRuleViewOf), page, ({ name }) => name);
      },
    }),
    operation({
      name: 'incidentRules.get',
      summary: 'One rule',
      method: 'GET',
      path: '/incident-rules/{rule}',
      scope: 'read',
      input: named,
      output: incidentRuleView,
      run: async (input, call) => incidentRuleViewOf(await this.found(input, call)),
    }),
    operation({
      name: 'incidentRules.create',
      summary: 'Look for something more',
      method: 'POST',
      path: '/incident-rules',
      scope: 'admin',
      status: 201,
      input: changes.extend({ name: z.string().min(1).max(64), kind: z.enum(RULE_KINDS) }),
      output: incidentRuleView,
      change: {
        action: 'incident_rule.create',
        creates: true,
        target: ({ name }, made) => ({ type: 'incident_rule', label: name, ...idOf(made) }),
      },
      run: async ({ name, kind, ...wanted }, { actor }) => {
        seesWholeInstance(actor);
        return incidentRuleViewOf(await orRefused(this.rules.add({ name, kind, ...said(wanted) })));
      },
    }),
    operation({
      name: 'incidentRules.update',
      summary: 'Change what a rule is set to; what it finds no more is resolved',
      method: 'PATCH',
      path: '/incident-rules/{rule}',
      scope: 'admin',
      input: changes.extend(named.shape),
      output: incidentRuleView,
      change: this.changing('incident_rule.update'),
      run: async ({ rule, ...wanted }, call) => {
        seesWholeInstance(call.actor);
        const { id } = await this.found({ rule }, call);
        return incidentRuleViewOf((await orRefused(this.rules.change(id, said(wanted)))) ?? missing(rule));
      },
    }),
    operation({
      name: 'incidentRules.delete',
      summary: 'Look for it no more',
      method: 'DELETE',
      path: '/incident-rules/{rule}',
      scope: 'admin',
      input: named,
      output: deletedView,
      change: {
        ...this.changing('incident_rule.delete'),
        destructive: true,
        effects: async (input, call) => {
          const { id: ruleId } = await this.found(input, call);
          const open = await this.incidents.list({ ruleId, limit: MOST_COUNTED });
          return open.length === 0
            ? []
            : [`Incidents that it found, and that are over within a minute: ${open.length}.`];
        },
      },
      run: async ({ rule }, call) => {
        seesWholeInstance(call.actor);
        const found = await this.found({ rule }, call);
        if (!(await this.rules.remove(found.id))) return missing(rule);
        return deletedViewOf(found);
      },
    }),
  ];

  private changing(action: string) {
    return {
      action,
      target: ({ rule }, _output, before) => ({ type: 'incident_rule', label: rule, ...idOf(before) }),
      thing: {
        view: incidentRuleView,
        read: async (input, call) => incidentRuleViewOf(await this.found(input, call)),
      },
    } satisfies Change<typeof named, z.ZodType>;
  }

  private async found({ rule }: z.output<typeof named>, { actor }: OperationCall): Promise<StoredRule> {
    const found = await this.rules.named(rule);
    return found !== undefined && isSeen(actor, found) ? found : missing(rule);
  }
}

/** A rule of one Pool is seen by its operators. */
const isSeen = (actor: Actor, { params }: StoredRule): boolean =>
  sees(actor, undefined) || (actor.poolIds !== undefined && 'poolId' in params && hasId(actor.poolIds, params.poolId));

const hasId = (ids: ReadonlySet<string>, id: string | undefined): boolean => id !== undefined && ids.has(id);

const missing = (name: string): never => {
  throw new ControlError('not_found', `There is no rule "${name}".`);
};

const idOf = (rule: unknown): { readonly id?: string; readonly label?: string } => {
  const { success, data } = incidentRuleView.safeParse(rule);
  return success ? { id: data.id, label: data.name } : {};
};
