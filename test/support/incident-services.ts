import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { PoolId } from '../../src/core/index.js';
import { IncidentDelivery } from '../../src/incidents/incident-delivery.entity.js';
import { IncidentRule } from '../../src/incidents/incident-rule.entity.js';
import { IncidentRepository } from '../../src/incidents/incident.repository.js';
import { Incident, IncidentRules, Incidents, Webhooks } from '../../src/incidents/index.js';
import { Webhook } from '../../src/incidents/webhook.entity.js';
import { parseKeyRing, SecretBox } from '../../src/platform/crypto/index.js';
import type { Outbound } from '../../src/platform/egress/index.js';

export const INCIDENT_ENTITIES = [Incident, IncidentDelivery, IncidentRule, Webhook];

type SeenPool = readonly [label: string, poolIds: readonly PoolId[]];

/** Incidents and their rules, on a database with `INCIDENT_ENTITIES`. */
export function incidentServices(database: DataSource) {
  const rules = new IncidentRules(database.getRepository(IncidentRule));
  const incidents = new Incidents(database.getRepository(Incident), database.getRepository(IncidentDelivery));
  return {
    rules,
    incidents,
    /** One evaluation that finds these Pools without an account, and nothing else. */
    see: async (atMs: number, ...found: readonly SeenPool[]): Promise<void> => {
      const rule = await rules.named('no-usable-accounts');
      if (rule === undefined) throw new Error('The rule is gone.');
      const findings = found.map(([label, poolIds]) => ({
        rule,
        finding: {
          target: { kind: 'pool' as const, id: label, label, poolIds },
          reason: 'no_usable_accounts',
          evidence: { usable: 0 },
        },
      }));
      await new IncidentRepository(database).save(findings, atMs);
    },
    /** A webhook that nothing can be sent to. */
    addWebhook: async (name: string): Promise<void> => {
      const bytes = Buffer.from('sealed');
      const row = {
        id: randomUUID() as string,
        name,
        host: 'h',
        url: bytes,
        secret: bytes,
        format: 'generic' as const,
      };
      await database.getRepository(Webhook).insert({ ...row, enabled: true, ruleKinds: null });
    },
  };
}

/** Webhooks, on a database with `INCIDENT_ENTITIES`. */
export function webhooksAt(database: DataSource, outbound: Outbound): Webhooks {
  const box = new SecretBox(parseKeyRing(`k1:${Buffer.alloc(32, 7).toString('base64')}`));
  return new Webhooks(database.getRepository(Webhook), box, outbound);
}
