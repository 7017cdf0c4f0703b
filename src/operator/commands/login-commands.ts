import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { loginView, type LoginView } from '../../control/index.js';
import { everyItem } from '../client/every-item.js';
import type { OperationsClient } from '../client/operations-client.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { table } from './table.js';

interface LoginOptions {
  readonly label?: string;
  readonly pool: string;
  readonly relink?: string;
  readonly device?: true;
  readonly flow?: string;
  readonly callback?: string;
  readonly list?: true;
  readonly cancel?: string;
  readonly json?: true;
}

/** A worker may be faster than the command that waits. */
const LOOK_MS = 1_000;

const WAYS = ['label', 'relink', 'flow', 'list', 'cancel'] as const;

export function loginCommands(account: Command, context: CommandContext): void {
  account
    .command('login')
    .description('sign in to an account from here: in a browser, or by a code that is typed on any device')
    .option('--label <label>', 'name of the account to be')
    .option('--pool <slug>', 'Pool to put it into', 'default')
    .option('--relink <label>', 'give an account that is there a new login of the same person')
    .option('--device', 'by a code, without a browser on this machine')
    .option('--flow <id>', 'go on with a login that was begun before, here or elsewhere')
    .option('--callback <url>', 'the address at which the browser ended; without it, it is asked for')
    .option('--list', 'logins that are not over')
    .option('--cancel <id>', 'give up a login')
    .option('--json', 'the list for machines')
    .action((options: LoginOptions) => run(context, options));
}

async function run(context: CommandContext, options: LoginOptions): Promise<void> {
  const ways = WAYS.filter((way) => options[way] !== undefined);
  if (ways.length !== 1) throw new CommandFailed('Give one of --label, --relink, --flow, --list and --cancel.');
  if (options.callback !== undefined && options.flow === undefined) {
    throw new CommandFailed('--callback goes with --flow.');
  }
  await withOperations(context, async (operations) => {
    if (options.list) return list(context, operations, options.json === true);
    if (options.cancel !== undefined) {
      const { label } = await operations.ask('logins.cancel', { login: options.cancel }, loginView);
      return context.out(`The login of account ${label} is cancelled.`);
    }
    const view = await begunOf(operations, options);
    if (view.kind === 'browser') return inBrowser(context, operations, view, options.callback);
    return byDevice(context, operations, view);
  });
}

async function begunOf(operations: OperationsClient, options: LoginOptions): Promise<LoginView> {
  const { flow, label, pool, relink, device } = options;
  if (flow === undefined) {
    const who = relink === undefined ? { label, pool } : { account: relink };
    return operations.ask(device ? 'logins.device' : 'logins.browser', who, loginView);
  }
  const view = await operations.ask('logins.get', { login: flow }, loginView);
  if (view.status !== 'pending') throw new CommandFailed(ended(view));
  return view;
}

async function inBrowser(
  context: CommandContext,
  operations: OperationsClient,
  view: LoginView,
  given: string | undefined,
): Promise<void> {
  const callback = given ?? (await askFor(context, view));
  if (callback === undefined || callback.trim() === '') {
    return context.out(`The login waits: codex-pooler account login --flow ${view.id} --callback '<address>'`);
  }
  context.out(done(await operations.ask('logins.complete', { login: view.id, callback }, loginView)));
}

async function askFor(context: CommandContext, view: LoginView): Promise<string | undefined> {
  context.out(`Login ${view.id} of account ${view.label}, good until ${view.expiresAt}.`);
  context.out(`\n1. Open this address in any browser and sign in:\n\n${view.authorizeUrl ?? ''}\n`);
  context.out(
    '2. The browser ends at an address at localhost:1455 that shows nothing. Copy that address, and paste it here.',
  );
  return context.ask('\nAddress: ', context.interrupted());
}

async function byDevice(context: CommandContext, operations: OperationsClient, begun: LoginView): Promise<void> {
  context.out(`Login ${begun.id} of account ${begun.label}, good until ${begun.expiresAt}.`);
  context.out(`\nOpen ${begun.verificationUri ?? ''} on any device, and type the code ${begun.userCode ?? ''}\n`);
  const signal = context.interrupted();
  const over = await watched(operations, begun, signal);
  if (over === undefined) {
    return context.out(
      `The login goes on without this command. To see it: codex-pooler account login --flow ${begun.id}`,
    );
  }
  if (over.status !== 'completed') throw new CommandFailed(ended(over));
  context.out(done(over));
}

/** The login when it is over; `undefined` when the signal came first. */
async function watched(
  operations: OperationsClient,
  begun: LoginView,
  signal: AbortSignal,
): Promise<LoginView | undefined> {
  while (!signal.aborted) {
    const view = await operations.ask('logins.get', { login: begun.id }, loginView);
    if (view.status !== 'pending' && view.status !== 'exchanging') return view;
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

async function list(context: CommandContext, operations: OperationsClient, asJson: boolean): Promise<void> {
  const rows = (await everyItem(operations, 'logins.list', {}, loginView)).map((view) => ({
    id: view.id,
    label: view.label,
    kind: view.kind,
    purpose: view.purpose,
    status: view.status,
    code: view.userCode ?? undefined,
    until: view.expiresAt,
  }));
  context.out(asJson ? JSON.stringify(rows, undefined, 2) : table(rows, 'No login is under way.'));
}

const done = ({ label, purpose }: LoginView): string =>
  purpose === 'link' ? `Account ${label} is linked.` : `Account ${label} has a new login.`;

const ENDS: Partial<Record<LoginView['status'], string>> = {
  completed: 'That login is done.',
  cancelled: 'That login was cancelled.',
  exchanging: 'That login is over, or somebody finishes it right now.',
};

const ended = ({ status, problem }: LoginView): string => ENDS[status] ?? problem ?? 'That login is over.';
