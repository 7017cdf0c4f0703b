import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { PoolService } from '../../auth/index.js';
import { LoginFlows, loginProblem, type LoginFlowView, type LoginTarget } from '../../upstream/index.js';
import { accountOf } from './account-of.js';
import { audited } from './audited.js';
import { CommandFailed, withServices, type CommandContext, type Services } from './context.js';
import { poolOf } from './pool-of.js';
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
  if (options.list) {
    return withServices(context, (services) => list(context, services.get(LoginFlows), options.json === true));
  }
  const { label = options.relink, flow, cancel } = options;
  const target = { type: 'account', label, id: flow ?? cancel };
  const action = cancel === undefined ? 'account.login' : 'account.login.cancel';
  await audited(context, { action, target, asked: options }, async (services, trail) => {
    const flows = services.get(LoginFlows);
    if (options.cancel !== undefined) {
      const { label } = await flows.cancel(options.cancel);
      return context.out(`The login of account ${label} is cancelled.`);
    }
    const view = await begunOf(services, options);
    trail.about({ type: 'account', label: view.label });
    return view.kind === 'browser' ? inBrowser(context, flows, view, options.callback) : byDevice(context, flows, view);
  });
}

async function begunOf(services: Services, options: LoginOptions): Promise<LoginFlowView> {
  const flows = services.get(LoginFlows);
  if (options.flow === undefined) {
    const target = await targetOf(services, options);
    return options.device ? flows.startDevice(target) : flows.startBrowser(target);
  }
  const view = await flows.get(options.flow);
  if (view === undefined) throw new CommandFailed('There is no login of that id.');
  if (view.status !== 'pending') throw new CommandFailed(ended(view));
  return view;
}

async function targetOf(services: Services, { label = '', pool, relink }: LoginOptions): Promise<LoginTarget> {
  if (relink !== undefined) return { relink: (await accountOf(services, relink)).id };
  return { label, poolId: (await poolOf(services.get(PoolService), pool)).id };
}

async function inBrowser(
  context: CommandContext,
  flows: LoginFlows,
  view: LoginFlowView,
  callback: string | undefined,
): Promise<void> {
  const pasted = callback ?? (await askFor(context, view));
  if (pasted === undefined || pasted.trim() === '') {
    return context.out(`The login waits: codex-pooler account login --flow ${view.id} --callback '<address>'`);
  }
  context.out(done(await flows.complete(pasted, { id: view.id })));
}

async function askFor(context: CommandContext, view: LoginFlowView): Promise<string | undefined> {
  context.out(`Login ${view.id} of account ${view.label}, good until ${instant(view.expiresAtMs)}.`);
  context.out(`\n1. Open this address in any browser and sign in:\n\n${view.authorizeUrl}\n`);
  context.out(
    '2. The browser ends at an address at localhost:1455 that shows nothing. Copy that address, and paste it here.',
  );
  return context.ask('\nAddress: ', context.interrupted());
}

async function byDevice(context: CommandContext, flows: LoginFlows, begun: LoginFlowView): Promise<void> {
  context.out(`Login ${begun.id} of account ${begun.label}, good until ${instant(begun.expiresAtMs)}.`);
  context.out(`\nOpen ${begun.verificationUri} on any device, and type the code ${begun.userCode}\n`);
  const signal = context.interrupted();
  const over = await watched(flows, begun, signal);
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
  flows: LoginFlows,
  begun: LoginFlowView,
  signal: AbortSignal,
): Promise<LoginFlowView | undefined> {
  while (!signal.aborted) {
    const view = await flows.poll(begun.id);
    if (view === undefined) throw new CommandFailed('There is no login of that id.');
    if (view.status !== 'pending' && view.status !== 'exchanging') return view;
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

async function list(context: CommandContext, flows: LoginFlows, asJson: boolean): Promise<void> {
  const rows = (await flows.list()).map((view) => ({
    id: view.id,
    label: view.label,
    kind: view.kind,
    purpose: view.purpose,
    status: view.status,
    code: view.userCode,
    until: new Date(view.expiresAtMs),
  }));
  context.out(asJson ? JSON.stringify(rows, undefined, 2) : table(rows, 'No login is under way.'));
}

const done = ({ label, purpose }: LoginFlowView): string =>
  purpose === 'link' ? `Account ${label} is linked.` : `Account ${label} has a new login.`;

const ENDS: Partial<Record<LoginFlowView['status'], string>> = {
  completed: 'That login is done.',
  cancelled: 'That login was cancelled.',
  exchanging: loginProblem('flow_not_pending'),
};

const ended = ({ status, errorCode }: LoginFlowView): string => ENDS[status] ?? loginProblem(errorCode);

const instant = (ms: number): string => new Date(ms).toISOString();
