import { z } from 'zod';
import { RULE_KINDS, SEVERITIES, type StoredRule } from '../../incidents/index.js';

/** What is looked for, once a minute. */
export const incidentRuleView = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: z.enum(RULE_KINDS),
  params: z.record(z.string(), z.unknown()),
  severity: z.enum(SEVERITIES),
  cooldownSeconds: z.int(),
  enabled: z.boolean(),
  builtIn: z.boolean().describe('it came with the installation'),
});

export type IncidentRuleView = z.output<typeof incidentRuleView>;

/** What may be set of a rule. */
export const incidentRuleSettings = {
  params: z
    .record(z.string(), z.unknown())
    .describe('of its kind; what names no Pool, account, key or job looks at all'),
  severity: z.enum(SEVERITIES),
  cooldownSeconds: z.int().min(0).max(604_800).describe('between two deliveries of the same incident'),
  enabled: z.boolean(),
};

export const incidentRuleViewOf = ({ params, ...rule }: StoredRule): IncidentRuleView => ({
  ...rule,
  params: { ...params },
});
