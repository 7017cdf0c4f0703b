import { z } from 'zod';
import { RULE_KINDS, type CreatedWebhook, type Webhook } from '../../incidents/index.js';

const FORMATS = ['generic', 'slack'] as const;

/** Where incidents are told, without its address and its secret. */
export const webhookView = z.object({
  id: z.uuid(),
  name: z.string(),
  host: z.string().describe('of its URL; the rest of that is as good as a password'),
  format: z.enum(FORMATS),
  enabled: z.boolean(),
  ruleKinds: z.array(z.enum(RULE_KINDS)).nullable().describe('null: it is told of all'),
  createdAt: z.iso.datetime(),
});

/** A webhook, and its signing secret if that was made just now: the only time that it is shown. */
export const webhookWithSecretView = webhookView.extend({ secret: z.string().optional() });

export type WebhookView = z.output<typeof webhookView>;

/** What may be set of a webhook. */
export const webhookSettings = {
  url: z.string().min(1).max(2_048).describe('public https:// URL; its path is kept secret'),
  secret: z.string().min(16).max(512).describe('signing secret'),
  format: z.enum(FORMATS),
  ruleKinds: z.array(z.enum(RULE_KINDS)).min(1).max(RULE_KINDS.length).nullable().describe('null: it is told of all'),
  enabled: z.boolean(),
};

export const webhookViewOf = ({ id, name, host, format, enabled, ruleKinds, createdAt }: Webhook): WebhookView => ({
  id,
  name,
  host,
  format,
  enabled,
  ruleKinds,
  createdAt: createdAt.toISOString(),
});

export const webhookWithSecretViewOf = ({
  webhook,
  secret,
}: CreatedWebhook): z.output<typeof webhookWithSecretView> => ({
  ...webhookViewOf(webhook),
  ...(secret !== undefined && { secret }),
});
