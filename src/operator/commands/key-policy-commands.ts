import type { Command } from 'commander';
import { keyDetailView, limitsView } from '../../control/index.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { policyOf, policyOptions, type PolicyInput, type PolicyOptions } from './key-options.js';
import { keyRecord, policyLines } from './key-records.js';
import { limitLines, limitRecords, usedLines, usedRecords } from './limit-lines.js';

const KEY = ['<key>', 'its prefix (sk-cxp-<12 hex>) or its id'] as const;

export function keyPolicyCommands(key: Command, context: CommandContext): void {
  policyOptions(
    key
      .command('set')
      .description('what a key may ask for, and how; none takes a rule away')
      .argument(...KEY),
  ).action((name: string, options: PolicyOptions) => setPolicy(context, name, policyOf(options)));
  key
    .command('pause')
    .description('refuse a key until it is resumed, on every replica')
    .argument(...KEY)
    .action((name: string) => change(context, 'keys.pause', name, 'is paused'));
  key
    .command('resume')
    .description('serve a paused key again')
    .argument(...KEY)
    .action((name: string) => change(context, 'keys.resume', name, 'is active'));
  key
    .command('show')
    .description('the rules of a key, its limits and those of its Pool, and what is used of them')
    .argument(...KEY)
    .option('--json', 'for machines')
    .action((name: string, { json }: { json?: true }) => show(context, name, json === true));
}

async function setPolicy(context: CommandContext, name: string, policy: PolicyInput): Promise<void> {
  if (Object.keys(policy).length === 0) throw new CommandFailed('Say what to set.');
  const input = { key: name, ...policy };
  const key = await withOperations(context, (operations) => operations.ask('keys.update', input, keyDetailView));
  context.out([`Key ${key.label}:`, ...policyLines(key)].join('\n'));
}

async function change(context: CommandContext, operation: string, name: string, outcome: string): Promise<void> {
  const key = await withOperations(context, (operations) => operations.ask(operation, { key: name }, keyDetailView));
  context.out(`Key ${key.label} (${key.prefix}) ${outcome}.`);
}

async function show(context: CommandContext, name: string, json: boolean): Promise<void> {
  const [key, pool] = await withOperations(context, async (operations) => {
    const found = await operations.ask('keys.get', { key: name }, keyDetailView);
    return [found, await operations.ask('poolLimits.get', { pool: found.pool }, limitsView)] as const;
  });
  if (json) {
    const limits = { limits: limitRecords({ ...key, scope: 'key' }), poolLimits: limitRecords(pool) };
    const record = { ...keyRecord(key), ...limits, used: usedRecords([...key.used, ...pool.used]) };
    return context.out(JSON.stringify(record, undefined, 2));
  }
  const head = `Key ${key.label} (${key.prefix}) of Pool ${key.pool}: ${key.status}`;
  const own = ['Limits of the key:', ...limitLines(key.limits), ...usedLines(key.used)];
  const shared = [`Limits of Pool ${key.pool}:`, ...limitLines(pool.limits), ...usedLines(pool.used)];
  context.out([head, ...policyLines(key), ...own, ...shared].join('\n'));
}
