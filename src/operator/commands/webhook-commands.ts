import { Option, type Command } from 'commander';
import { RULE_KINDS, Webhooks, WebhookSender, type Webhook } from '../../incidents/index.js';
import { namedVariable } from '../../platform/config/index.js';
import { CommandFailed, withServices, type CommandContext } from './context.js';
import { table } from './table.js';

interface AddOptions {
  readonly format: string;
  readonly rule?: readonly string[];
  readonly urlEnv?: string;
  readonly secretEnv?: string;
}

export function webhookCommands(program: Command, context: CommandContext): void {
  const webhook = program.command('webhook').description('where incidents are told');
  webhook
    .command('add')
    .description('tell incidents to a URL, which is read from standard input')
    .argument('<name>', 'lower-case letters, digits and dashes')
    .addOption(new Option('--format <format>', 'what it understands').choices(['generic', 'slack']).default('generic'))
    .addOption(new Option('--rule <kinds...>', 'only incidents of these kinds of rules').choices(RULE_KINDS))
    .option('--url-env <name>', 'name of a variable that holds the URL')
    .option(
      '--secret-env <name>',
      'name of a variable that holds the signing secret; without it, one is made and shown',
    )
    .action((name: string, options: AddOptions) => addWebhook(context, name, options));
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
  webhook
    .command('remove')
    .description('tell it nothing more')
    .argument('<name>')
    .action((name: string) => removeWebhook(context, name));
}

async function addWebhook(context: CommandContext, name: string, options: AddOptions): Promise<void> {
  const { format, rule, urlEnv, secretEnv } = options;
  // An address may be as good as a password: nobody finds it in a list of processes or in a history.
  const url = urlEnv === undefined ? await askedUrl(context) : variable(urlEnv);
  const given = secretEnv === undefined ? {} : { secret: variable(secretEnv) };
  const wanted = { name, url, format, ...given, ...(rule && { ruleKinds: rule }) };
  const { webhook, secret } = await withServices(context, (services) => services.get(Webhooks).add(wanted));
  context.out(`Incidents are told to webhook ${webhook.name} at ${webhook.host}.`);
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
  const webhooks = await withServices(context, (services) => services.get(Webhooks).list());
  if (asJson) return context.out(JSON.stringify({ webhooks: webhooks.map(plain) }, undefined, 2));
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

const plain = ({ id, name, host, format, enabled, ruleKinds, createdAt }: Webhook) => ({
  id,
  name,
  host,
  format,
  enabled,
  ruleKinds,
  createdAt,
});

async function testWebhook(context: CommandContext, name: string): Promise<void> {
  const outcome = await withServices(context, async (services) => {
    const webhooks = services.get(Webhooks);
    const found = await webhooks.findNamed(name);
    const target = found && (await webhooks.target(found.id));
    if (!target) throw new CommandFailed(`There is no webhook "${name}".`);
    return services.get(WebhookSender).test(target);
  });
  if (outcome.kind !== 'sent') throw new CommandFailed(`Webhook ${name} did not take it: ${outcome.code}.`);
  context.out(`Webhook ${name} answered ${outcome.status}.`);
}

async function removeWebhook(context: CommandContext, name: string): Promise<void> {
  const removed = await withServices(context, (services) => services.get(Webhooks).remove(name));
  if (!removed) throw new CommandFailed(`There is no webhook "${name}".`);
  context.out(`Webhook ${name} is gone.`);
}
