import { createHmac } from 'node:crypto';
import type { Incident } from './incident.entity.js';
import type { WebhookFormat } from './webhook.entity.js';

export type MessageEvent = 'opened' | 'resolved' | 'test';

/** What is told of an incident: numbers, ids, codes and operators' own names. */
export type ToldIncident = Pick<
  Incident,
  | 'id'
  | 'dedupeKey'
  | 'severity'
  | 'ruleName'
  | 'ruleKind'
  | 'reasonCode'
  | 'targetKind'
  | 'targetId'
  | 'targetLabel'
  | 'poolIds'
  | 'evidence'
  | 'occurrenceCount'
  | 'firstSeenAt'
  | 'lastSeenAt'
  | 'resolvedAt'
>;

export interface Message {
  readonly event: MessageEvent;
  /** The same for every attempt: receivers know by it what they have had already. */
  readonly eventId: string;
  readonly attemptId: string;
  readonly attempt: number;
  readonly webhookId: string;
  readonly incident: ToldIncident;
}

export function messageBody(message: Message, format: WebhookFormat): string {
  return JSON.stringify(format === 'slack' ? slackPayload(message) : genericPayload(message));
}

/** Names of headers are lower-case. The signature is over event, attempt and body, so that none can be put with another. */
export function messageHeaders(message: Message, body: string, secret: string): Readonly<Record<string, string>> {
  const { eventId, attemptId } = message;
  const digest = createHmac('sha256', secret).update(`${eventId}.${attemptId}.${body}`).digest('hex');
  return {
    'content-type': 'application/json',
    'user-agent': 'codex-pooler',
    'x-codex-pooler-event-id': eventId,
    'x-codex-pooler-attempt-id': attemptId,
    'x-codex-pooler-signature': `sha256=${digest}`,
  };
}

function genericPayload({ event, eventId, attemptId, attempt, webhookId, incident }: Message): object {
  return {
    type: event === 'test' ? 'webhook.test' : `incident.${event}`,
    event_id: eventId,
    attempt_id: attemptId,
    attempt,
    webhook_id: webhookId,
    incident_id: incident.id,
    dedupe_key: incident.dedupeKey,
    state: event === 'resolved' ? 'resolved' : 'open',
    severity: incident.severity,
    rule: incident.ruleName,
    rule_kind: incident.ruleKind,
    reason_code: incident.reasonCode,
    scope: {
      kind: incident.targetKind,
      id: incident.targetId,
      label: incident.targetLabel,
      pool_ids: incident.poolIds,
    },
    evidence: incident.evidence,
    occurrence_count: incident.occurrenceCount,
    first_seen_at: incident.firstSeenAt.toISOString(),
    last_seen_at: incident.lastSeenAt.toISOString(),
    resolved_at: event === 'resolved' ? (incident.resolvedAt?.toISOString() ?? null) : null,
  };
}

const HEADLINES: Readonly<Record<MessageEvent, string>> = {
  opened: 'OPEN',
  resolved: 'RESOLVED',
  test: 'TEST',
};
const COLOURS: Readonly<Record<ToldIncident['severity'], string>> = {
  critical: '#d32f2f',
  warning: '#f9a825',
  info: '#1976d2',
};
const RESOLVED_COLOUR = '#2e7d32';

/** For incoming webhooks of Slack, and of what understands them (Mattermost, Rocket.Chat, Discord’s `/slack`). */
function slackPayload({ event, incident }: Message): object {
  const { severity, targetKind, targetLabel, reasonCode, ruleName } = incident;
  const text = plain(`[${HEADLINES[event]}] ${severity}: ${reasonCode}, ${targetKind} ${targetLabel} (${ruleName})`);
  const facts = Object.entries(incident.evidence).map(([name, value]) => ({
    title: plain(name),
    value: plain(typeof value === 'object' ? JSON.stringify(value) : String(value)),
    short: true,
  }));
  const since = { title: 'since', value: incident.firstSeenAt.toISOString(), short: true };
  const until = { title: 'resolved', value: incident.resolvedAt?.toISOString() ?? '', short: true };
  const color = event === 'resolved' ? RESOLVED_COLOUR : COLOURS[severity];
  const fields = [...facts, since, ...(event === 'resolved' ? [until] : [])];
  return { text, attachments: [{ fallback: text, color, fields }] };
}

/** Names of accounts and keys must not mention or link anything there. */
const plain = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
