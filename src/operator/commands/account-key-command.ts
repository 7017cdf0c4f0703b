import type { Command } from 'commander';
import { importedView } from '../../control/index.js';
import { namedVariable } from '../../platform/config/index.js';
import { importWords } from '../import-words.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { wholeNumber } from './whole-number.js';

interface KeyOptions {
  readonly label: string;
  readonly pool: string;
  readonly priority?: number;
  readonly kind?: string;
  readonly apiKeyEnv?: string;
  /** `--no-proof` makes it false. */
  readonly proof: boolean;
}

export function accountKeyCommand(account: Command, context: CommandContext): void {
  account
    .command('add-key')
    .description('add a Platform API key as an account; the key is read from standard input')
    .requiredOption('--label <label>', 'name of the account')
    .option('--pool <slug>', 'Pool to put it into', 'default')
    .option('--priority <n>', 'tier in that Pool, 0 first', wholeNumber(0, 1_000))
    .option('--kind <kind>', 'whose key it is, where more than one upstream takes keys')
    .option('--api-key-env <name>', 'name of a variable that holds the key')
    .option('--no-proof', 'do not ask the provider whether it takes the key')
    .action((options: KeyOptions) => addKey(context, options));
}

async function addKey(context: CommandContext, { proof, apiKeyEnv, ...options }: KeyOptions): Promise<void> {
  const apiKey = apiKeyEnv === undefined ? await askedKey(context) : variable(apiKeyEnv);
  await withOperations(context, async (operations) => {
    const added = await operations.ask('accounts.addKey', { ...options, apiKey, prove: proof }, importedView);
    context.out(`Account ${added.account.label} is in Pool ${options.pool}: ${importWords(added)}.`);
  });
}

async function askedKey(context: CommandContext): Promise<string> {
  const line = await context.ask('API key: ', context.interrupted());
  if (line === undefined) throw new CommandFailed('No key was given on standard input.');
  return line;
}

function variable(name: string): string {
  const value = namedVariable(name);
  if (value === undefined) throw new CommandFailed(`The variable ${name} is not set.`);
  return value;
}
