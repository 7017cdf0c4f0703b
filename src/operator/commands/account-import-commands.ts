import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { PoolService } from '../../auth/index.js';
import { AccountService, type ImportResult } from '../../upstream/index.js';
import { importWords } from '../import-words.js';
import { labelOfFile } from './account-label.js';
import { accountOf } from './account-of.js';
import { audited } from './audited.js';
import { CommandFailed, type CommandContext } from './context.js';
import { poolOf } from './pool-of.js';
import { table } from './table.js';
import { accountTarget, poolTarget } from './targets.js';
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

async function importOne(context: CommandContext, file: string, { label, pool, proof, ...rest }: ImportOptions) {
  const text = await contentOf(file);
  const name = label ?? labelOfFile(file);
  const action = { action: 'account.import', target: { type: 'account', label: name }, asked: { pool, ...rest } };
  await audited(context, action, async (services, trail) => {
    const { id: poolId } = await poolOf(services.get(PoolService), pool);
    const options = { label: name, poolId, prove: proof, ...rest };
    const imported = await services.get(AccountService).importAuthJson(text, options);
    trail.about({ ...accountTarget(imported.account), poolId });
    trail.after({ status: imported.account.status });
    context.out(`Account ${imported.account.label} is in Pool ${pool}: ${importWords(imported)}.`);
  });
}

async function importMany(context: CommandContext, files: readonly string[], { pool, proof, ...rest }: ImportOptions) {
  const logins = await Promise.all(
    files.map(async (file) => ({
      label: labelOfFile(file),
      text: await readFile(file, 'utf8').catch(() => undefined),
    })),
  );
  const asked = { pool, labels: logins.map(({ label }) => label) };
  const action = { action: 'account.import', target: { type: 'pool', label: pool }, asked };
  const results = await audited(context, action, async (services, trail) => {
    const found = await poolOf(services.get(PoolService), pool);
    const many = { poolId: found.id, prove: proof, ...rest };
    const imported = await services.get(AccountService).importMany(logins, many);
    trail.about(poolTarget(found));
    trail.after(imported.map(({ label, outcome }) => ({ label, outcome })));
    return imported;
  });
  context.out(
    table(
      results.map((result, index) => ({ file: files[index], ...rowOf(result) })),
      '',
    ),
  );
  const refused = results.filter(({ outcome }) => outcome === 'refused').length;
  if (refused > 0) throw new CommandFailed(`${refused} of ${files.length} files were refused.`);
}

function rowOf(result: ImportResult) {
  const { label, outcome } = result;
  if (outcome === 'refused') {
    return { label, result: outcome, proof: undefined, reason: result.reason, message: result.message };
  }
  return { label, result: outcome, proof: result.proof, reason: undefined, message: undefined };
}

async function relink(context: CommandContext, label: string, file: string, prove: boolean): Promise<void> {
  const text = await contentOf(file);
  await audited(context, { action: 'account.relink', target: { type: 'account', label } }, async (services, trail) => {
    const { id, status } = await accountOf(services, label);
    trail.about(accountTarget({ id, label }));
    trail.before({ status });
    const relinked = await services.get(AccountService).relinkAuthJson(id, text, { prove });
    trail.after({ status: relinked.account.status });
    context.out(`Account ${label} is ${relinked.account.status}: ${importWords(relinked)}.`);
  });
}

const contentOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch(() => {
    throw new CommandFailed('The auth.json cannot be read.');
  });
