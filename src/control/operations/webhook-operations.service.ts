import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Webhooks, WebhookSender, type Webhook } from '../../incidents/index.js';
import { SecretUnreadable } from '../../platform/crypto/index.js';
import { sees } from '../actor.js';
import { ControlError } from '../control-error.js';
import { operation, OperationSet, type Change, type Operation, type OperationCall } from '../operation.js';
import { pageIn, pageOf, PAGE_INPUT } from '../page.js';
import { orRefused } from '../refused.js';
import { said } from '../said.js';
import { deletedView, deletedViewOf } from '../views/deleted-view.js';
import {
  webhookSettings,
  webhookView,
  webhookViewOf,
  webhookWithSecretView,
  webhookWithSecretViewOf,
  type WebhookView,
} from '../views/webhook-view.js';
import { seesWholeInstance } from '../whole-instance.js';

const named = z.object({ webhook: z.string().min(1).max(64).describe('its id, or its name') });
const { url, ...optional } = webhookSettings;
const settings = z.object(optional).partial();
const SECRETS = ['url', 'secret'];

/** Where incidents are told. Webhooks belong to no Pool: who is bound to some sees none. */
@Injectable()
export class WebhookOperations extends OperationSet {
  constructor(
    private readonly webhooks: Webhooks,
    private readonly sender: WebhookSender,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'webhooks.list',
      summary: 'Where incidents are told, by name',
      method: 'GET',
      path: '/webhooks',
      scope: 'read',
      input: z.object(PAGE_INPUT),
      output: pageOf(webhookView),
      run: async (page, { actor }) => {
        const seen = sees(actor, undefined) ? await this.webhooks.list() : [];
        return pageIn(seen.map(webhookViewOf), page, ({ name }) => name);
      },
    }),
    operation({
      name: 'webhooks.get',
      summary: 'One webhook, without its address and its secret',
      method: 'GET',
      path: '/webhooks/{webhook}',
      scope: 'read',
      input: named,
      output: webhookView,
      run: (input, call) => this.view(input, call),
    }),
    operation({
      name: 'webhooks.create',
      summary: 'Tell incidents to a URL; a signing secret that is made is shown this once',
      method: 'POST',
      path: '/webhooks',
      scope: 'admin',
      status: 201,
      input: settings.extend({ name: z.string().min(1).max(64), url }),
      output: webhookWithSecretView,
      change: {
        action: 'webhook.create',
        creates: true,
        secrets: SECRETS,
        target: ({ name }, made) => ({ type: 'webhook', label: name, ...idOf(made) }),
      },
      run: async ({ name, url: address, ruleKinds, ...wanted }, { actor }) => {
        seesWholeInstance(actor);
        const webhook = { name, url: address, ...said(wanted), ...(ruleKinds && { ruleKinds }) };
        return webhookWithSecretViewOf(await orRefused(this.webhooks.add(webhook)));
      },
    }),
    operation({
      name: 'webhooks.update',
      summary: 'Change what a webhook is set to; a signing secret that is made is shown this once',
      method: 'PATCH',
      path: '/webhooks/{webhook}',
      scope: 'admin',
      input: settings.extend({
        ...named.shape,
        url: url.optional(),
        newSecret: z.boolean().default(false).describe('make another signing secret'),
      }),
      output: webhookWithSecretView,
      change: { ...this.changing('webhook.update'), secrets: SECRETS },
      run: async ({ webhook, ...wanted }, call) => {
        const { id } = await this.found({ webhook }, call);
        const changed = await orRefused(this.webhooks.change(id, said(wanted)));
        return webhookWithSecretViewOf(changed ?? missing(webhook));
      },
    }),
    operation({
      name: 'webhooks.test',
      summary: 'Tell a webhook something that is no incident, and say what it answered',
      method: 'POST',
      path: '/webhooks/{webhook}/test',
      scope: 'admin',
      input: named,
      output: z.object({
        sent: z.boolean(),
        status: z.int().nullable().describe('of its answer'),
        code: z.string().nullable().describe('why it was not sent, such as http_404 or address_refused'),
      }),
      change: { action: 'webhook.test', target: ({ webhook }) => ({ type: 'webhook', label: webhook }) },
      run: async (input, call) => {
        const { id } = await this.found(input, call);
        const target = await this.webhooks.target(id).catch(unreadable);
        if (target === 'unreadable') return { sent: false, status: null, code: 'secret_unreadable' };
        if (target === undefined) throw new ControlError('conflict', `The webhook "${input.webhook}" is disabled.`);
        const outcome = await this.sender.test(target);
        const code = outcome.kind === 'sent' ? null : outcome.code;
        return { sent: outcome.kind === 'sent', status: outcome.status ?? null, code };
      },
    }),
    operation({
      name: 'webhooks.delete',
      summary: 'Tell it nothing more',
      method: 'DELETE',
      path: '/webhooks/{webhook}',
      scope: 'admin',
      input: named,
      output: deletedView,
      change: {
        ...this.changing('webhook.delete'),
        destructive: true,
        effects: async () => ['What is still on its way there is not told any more.'],
      },
      run: async ({ webhook }, call) => {
        const found = await this.found({ webhook }, call);
        if (!(await this.webhooks.remove(found.id))) return missing(webhook);
        return deletedViewOf(found);
      },
    }),
  ];

  private changing(action: string) {
    return {
      action,
      target: ({ webhook }, _output, before) => ({ type: 'webhook', label: webhook, ...idOf(before) }),
      thing: { view: webhookView, read: (input, call) => this.view(input, call) },
    } satisfies Change<typeof named, z.ZodType>;
  }

  private async view(input: z.output<typeof named>, call: OperationCall): Promise<WebhookView> {
    return webhookViewOf(await this.found(input, call));
  }

  private async found({ webhook }: z.output<typeof named>, { actor }: OperationCall): Promise<Webhook> {
    const found = sees(actor, undefined) ? await this.webhooks.named(webhook) : undefined;
    return found ?? missing(webhook);
  }
}

function unreadable(thrown: unknown): 'unreadable' {
  if (thrown instanceof SecretUnreadable) return 'unreadable';
  throw thrown;
}

const missing = (name: string): never => {
  throw new ControlError('not_found', `There is no webhook "${name}".`);
};

const idOf = (webhook: unknown): { readonly id?: string; readonly label?: string } => {
  const { success, data } = webhookView.safeParse(webhook);
  return success ? { id: data.id, label: data.name } : {};
};
