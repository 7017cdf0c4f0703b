import { Option, type Command } from 'commander';
import { z } from 'zod';
import { deletedView, webhookView, webhookWithSecretView } from '../../control/index.js';
import { RULE_KINDS } from '../../incidents/index.js';
import { namedVariable } from '../../platform/config/index.js';
import { everyItem } from '../client/every-item.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { table } from './table.js';
import { dryOption, triedDry, type DryOption } from './tried-dry.js';

interface WebhookOptions {
  readonly format?: string;
  readonly rule?: readonly string[];
  readonly urlEnv?: string;
  readonly secretEnv?: string;
}

interface SetOptions extends WebhookOptions {
  readonly allRules?: true;
  readonly askUrl?: true;
  readonly newSecret?: true;
  readonly on?: true;
  readonly off?: true;
}

const tested = z.object({ sent: z.boolean(), status: z.int().nullable(), code: z.string().nullable() });

export function webhookCommands(program: Command, context: CommandContext): void {
  const webhook = program.command('webhook').description('where incidents are told');
  webhookOptions(webhook.command('add').description('tell incidents to a URL, which is read from standard input'))
    .argument('<name>', 'lower-case letters, digits and dashes')
    .action((name: string, options: WebhookOptions) => addWebhook(context, name, options));
  webhookOptions(webhook.command('set').description('tell incidents in another way; what is not said stays as it is'))
    .addOption(new Option('--all-rules', 'incidents of all kinds of rules').conflicts('rule'))
    .option('--ask-url', 'read another URL from standard input')
    .addOption(new Option('--new-secret', 'make another signing secret and show it').conflicts('secretEnv'))
    .addOption(new Option('--on', 'tell it').conflicts('off'))
    .option('--off', 'tell it nothing until it is on again')
    .argument('<name>')
    .action((name: string, options: SetOptions) => setWebhook(context, name, options));
  webhook
    .command('list')
    .description('all webhooks, without their addresses and secrets')
    .option('--json', 'for machines')
    .action(({ json }: { json?: true }) => listWebhooks(context, json === true));
  webhook
    .command('test')
    .description('tell it something that is no incident, and say what it answered')
    .argument('<name>')
    .action((name: string) => testWebhook(context, name));
  dryOption(webhook.command('remove').description('tell it nothing more'))
    .argument('<name>')
    .action((name: string, options: DryOption) => removeWebhook(context, name, options));
}

const webhookOptions = (command: Command): Command =>
  command
    .addOption(new Option('--format <format>', 'what it understands; a new one generic').choices(['generic', 'slack']))
    .addOption(new Option('--rule <kinds...>', 'only incidents of these kinds of rules').choices(RULE_KINDS))
    .option('--url-env <name>', 'name of a variable that holds the URL')
    .option(
      '--secret-env <name>',
      'name of a variable that holds the signing secret; a new one without it is made and shown',
    );

async function addWebhook(context: CommandContext, name: string, options: WebhookOptions): Promise<void> {
  const { urlEnv } = options;
  // An address may be as good as a password: nobody finds it in a list of processes or in a history.
  const url = urlEnv === undefined ? await askedUrl(context) : variable(urlEnv);
  const { host, secret } = await withOperations(context, (operations) =>
    operations.ask('webhooks.create', { name, ...saidOf(options), url }, webhookWithSecretView),
  );
  context.out(`Incidents are told to webhook ${name} at ${host}.`);
  showSecret(context, secret);
}

async function setWebhook(context: CommandContext, name: string, options: SetOptions): Promise<void> {
  const { allRules, askUrl, newSecret, on, off } = options;
  if (Object.keys(options).length === 0) throw new CommandFailed('Say what to set.');
  const wanted = {
    webhook: name,
    ...saidOf(options),
    ...(askUrl && { url: await askedUrl(context) }),
    ...(allRules && { ruleKinds: null }),
    ...(newSecret && { newSecret }),
    ...(on && { enabled: true }),
    ...(off && { enabled: false }),
  };
  const { host, enabled, secret } = await withOperations(context, (operations) =>
    operations.ask('webhooks.update', wanted, webhookWithSecretView),
  );
  context.out(enabled ? `Incidents are told to webhook ${name} at ${host}.` : `Webhook ${name} is told nothing.`);
  showSecret(context, secret);
}

const saidOf = ({ format, rule, urlEnv, secretEnv }: WebhookOptions) => ({
  ...(format !== undefined && { format }),
  ...(rule !== undefined && { ruleKinds: rule }),
  ...(urlEnv !== undefined && { url: variable(urlEnv) }),
  ...(secretEnv !== undefined && { secret: variable(secretEnv) }),
});

function showSecret(context: CommandContext, secret: string | undefined): void {
  if (secret !== undefined) context.out(`Signing secret, shown this once: ${secret}`);
}

async function askedUrl(context: CommandContext): Promise<string> {
  const line = await context.ask('URL: ', context.interrupted());
  if (line === undefined) throw new CommandFailed('No URL was given on standard input.');
  return line.trim();
}

function variable(name: string): string {
  const value = namedVariable(name);
  if (value === undefined) throw new CommandFailed(`The variable ${name} is not set.`);
  return value;
}

async function listWebhooks(context: CommandContext, asJson: boolean): Promise<void> {
  const webhooks = await withOperations(context, (operations) =>
    everyItem(operations, 'webhooks.list', {}, webhookView),
  );
  if (asJson) return context.out(JSON.stringify({ webhooks }, undefined, 2));
  const rows = webhooks.map(({ name, host, format, enabled, ruleKinds, createdAt }) => ({
    name,
    host,
    format,
    enabled,
    rules: ruleKinds?.join(' ') ?? 'all',
    created: createdAt,
  }));
  context.out(table(rows, 'Nobody is told.'));
}

async function testWebhook(context: CommandContext, name: string): Promise<void> {
  const { sent, status, code } = await withOperations(context, (operations) =>
    operations.ask('webhooks.test', { webhook: name }, tested),
  );
  if (!sent) throw new CommandFailed(`Webhook ${name} did not take it: ${code ?? 'unreachable'}.`);
  context.out(`Webhook ${name} answered ${status ?? 'nothing'}.`);
}

async function removeWebhook(context: CommandContext, name: string, { dryRun }: DryOption): Promise<void> {
  await withOperations(context, async (operations) => {
    if (dryRun) return context.out(await triedDry(operations, 'webhooks.delete', { webhook: name }));
    await operations.ask('webhooks.delete', { webhook: name }, deletedView);
    context.out(`Webhook ${name} is gone.`);
  });
}
