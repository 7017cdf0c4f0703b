import { Option, type Command } from 'commander';
import { keyDetailView, keyView, keyWithSecretView } from '../../control/index.js';
import { everyItem } from '../client/every-item.js';
import { withOperations, type CommandContext } from './context.js';
import { policyOf, policyOptions, type PolicyOptions } from './key-options.js';
import { keyPolicyCommands } from './key-policy-commands.js';
import { keyRow } from './key-records.js';
import { keyRotateCommand } from './key-rotate-command.js';
import { keyLimitCommands } from './limit-commands.js';
import { table } from './table.js';
import { dryOption, triedDry, type DryOption } from './tried-dry.js';

interface CreateOptions extends PolicyOptions {
  readonly label: string;
  readonly pool: string;
  readonly json?: true;
}

interface ListOptions {
  readonly pool?: string;
  readonly status?: string;
  readonly search?: string;
  readonly json?: true;
}

export function keyCommands(program: Command, context: CommandContext): void {
  const key = program.command('key').description('Pool API keys');
  policyOptions(
    key
      .command('create')
      .description('make a key and print it: the only time it is shown')
      .requiredOption('--label <label>', 'name of the key')
      .option('--pool <slug>', 'Pool it belongs to', 'default'),
  )
    .option('--json', 'for machines')
    .action((options: CreateOptions) => createKey(context, options));
  key
    .command('list')
    .description('keys and their state, without their secrets')
    .option('--pool <slug>', 'of one Pool only')
    .addOption(new Option('--status <status>', 'of one state only').choices(['active', 'paused', 'revoked']))
    .option('--search <text>', 'in labels and prefixes')
    .option('--json', 'for machines')
    .action((options: ListOptions) => listKeys(context, options));
  const revoking = key
    .command('revoke')
    .description('refuse a key from now on, on every replica')
    .argument('<key>', 'its prefix (sk-cxp-<12 hex>) or its id');
  dryOption(revoking).action((name: string, options: DryOption) => revokeKey(context, name, options));
  keyRotateCommand(key, context);
  keyPolicyCommands(key, context);
  keyLimitCommands(key, context);
}

async function createKey(context: CommandContext, options: CreateOptions): Promise<void> {
  const { label, pool, json } = options;
  const input = { label, pool, ...policyOf(options) };
  const made = await withOperations(context, (operations) => operations.ask('keys.create', input, keyWithSecretView));
  context.out(json ? JSON.stringify({ ...keyRow(made), token: made.token }, undefined, 2) : made.token);
}

async function listKeys(context: CommandContext, { json, ...input }: ListOptions): Promise<void> {
  const keys = await withOperations(context, (operations) => everyItem(operations, 'keys.list', input, keyView));
  const rows = keys.map(keyRow);
  const lines = rows.map(({ models, ...row }) => ({ ...row, models: models?.join(', ') ?? 'all' }));
  const none = Object.keys(input).length > 0 ? 'No such keys.' : 'No keys yet: codex-pooler key create';
  context.out(json ? JSON.stringify(rows, undefined, 2) : table(lines, none));
}

async function revokeKey(context: CommandContext, name: string, { dryRun }: DryOption): Promise<void> {
  await withOperations(context, async (operations) => {
    if (dryRun) return context.out(await triedDry(operations, 'keys.revoke', { key: name }));
    const key = await operations.ask('keys.revoke', { key: name }, keyDetailView);
    context.out(`Key ${key.label} (${key.prefix}) is revoked.`);
  });
}
