import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { importedView } from '../../control/index.js';
import { importWords } from '../import-words.js';
import { labelOfFile } from './account-label.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { importLogins, type LoginFile } from './import-logins.js';
import { table } from './table.js';
import { wholeNumber } from './whole-number.js';

interface ImportOptions {
  readonly label?: string;
  readonly pool: string;
  readonly priority?: number;
  /** `--no-proof` makes it false. */
  readonly proof: boolean;
}

export function accountImportCommands(account: Command, context: CommandContext): void {
  account
    .command('import')
    .description('import the logins of Codex auth.json files; the gateway refreshes them from then on')
    .argument('<file...>', 'paths of auth.json files')
    .option('--label <label>', 'name of the account; of several files, each gives its own')
    .option('--pool <slug>', 'Pool to put them into', 'default')
    .option('--priority <n>', 'tier in that Pool, 0 first', wholeNumber(0, 1_000))
    .option('--no-proof', 'do not try the refresh tokens')
    .action((files: string[], options: ImportOptions) => importAccounts(context, files, options));
  account
    .command('relink')
    .description('give an account a new login of the same person and workspace')
    .argument('<label>', 'name of the account')
    .argument('<file>', 'path of the auth.json')
    .option('--no-proof', 'do not try the refresh token')
    .action((label: string, file: string, { proof }: { proof: boolean }) => relink(context, label, file, proof));
}

async function importAccounts(context: CommandContext, files: readonly string[], options: ImportOptions) {
  const [file = '', ...others] = files;
  if (others.length > 0 && options.label !== undefined) {
    throw new CommandFailed('A label is for one file: of several, each is called as its file is.');
  }
  return others.length === 0 ? importOne(context, file, options) : importMany(context, files, options);
}

async function importOne(context: CommandContext, file: string, { label, proof, ...place }: ImportOptions) {
  const authJson = await contentOf(file);
  const input = { ...place, label: label ?? labelOfFile(file), authJson, prove: proof };
  await withOperations(context, async (operations) => {
    const imported = await operations.ask('accounts.import', input, importedView);
    context.out(`Account ${imported.account.label} is in Pool ${place.pool}: ${importWords(imported)}.`);
  });
}

async function importMany(context: CommandContext, files: readonly string[], { pool, proof, priority }: ImportOptions) {
  const logins = await Promise.all(files.map(loginOf));
  const place = { pool, prove: proof, ...(priority === undefined ? {} : { priority }) };
  await withOperations(context, async (operations) => {
    const rows: object[] = [];
    let refused = 0;
    try {
      for await (const row of importLogins(operations, logins, place)) {
        rows.push(row);
        if (row.result === 'refused') refused += 1;
        context.note(`${rows.length} of ${files.length}: ${row.file} ${row.result}`);
      }
    } finally {
      // What has been imported is there, whatever comes after it.
      if (rows.length > 0) context.out(table(rows as Record<string, string | undefined>[], ''));
    }
    if (refused > 0) throw new CommandFailed(`${refused} of ${files.length} files were refused.`);
  });
}

const loginOf = async (file: string): Promise<LoginFile> => ({
  file,
  label: labelOfFile(file),
  text: await readFile(file, 'utf8').catch(() => undefined),
});

async function relink(context: CommandContext, label: string, file: string, prove: boolean): Promise<void> {
  const authJson = await contentOf(file);
  await withOperations(context, async (operations) => {
    const relinked = await operations.ask('accounts.relink', { account: label, authJson, prove }, importedView);
    context.out(`Account ${label} is ${relinked.account.status}: ${importWords(relinked)}.`);
  });
}

const contentOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch(() => {
    throw new CommandFailed('The auth.json cannot be read.');
  });
