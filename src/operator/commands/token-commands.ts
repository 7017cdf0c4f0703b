import { Option, type Command } from 'commander';
import type { z } from 'zod';
import { tokenView, tokenWithSecretView, type TokenView } from '../../control/index.js';
import { everyItem } from '../client/every-item.js';
import { withOperations, type CommandContext } from './context.js';
import { instant } from './key-options.js';
import { table } from './table.js';
import { timeSpan } from './time-span.js';
import { dryOption, triedDry, type DryOption } from './tried-dry.js';

interface CreateOptions {
  readonly label: string;
  readonly kind: TokenView['kind'];
  readonly scope?: readonly string[];
  readonly pool?: readonly string[];
  readonly expires?: Date;
  readonly json?: true;
}

interface RotateOptions extends DryOption {
  readonly overlap?: number;
  readonly json?: true;
}

interface ListOptions {
  readonly kind?: TokenView['kind'];
  readonly json?: true;
}

const TOKEN = ['<token>', 'its prefix, its id or its label'] as const;
const KINDS = ['operator', 'mcp'] as const;
const oneMore = (one: string, before: readonly string[] = []): readonly string[] => [...before, one];

export function tokenCommands(program: Command, context: CommandContext): void {
  const token = program.command('token').description('tokens of operators, and of clients of the MCP endpoint');
  token
    .command('create')
    .description('make a token and print it: the only time it is shown')
    .requiredOption('--label <label>', 'name of the token')
    .addOption(new Option('--kind <kind>', 'what it is for').choices(KINDS).default('operator'))
    .option(
      '--scope <scope>',
      'what it allows, repeatable: read, pools:write, accounts:write, keys:write, admin; mcp:read, mcp:write',
      oneMore,
    )
    .option('--pool <slug>', 'a Pool that it is bound to, repeatable; without any: all', oneMore)
    .option('--expires <when>', 'ISO 8601 time after which it is refused', instant)
    .option('--json', 'for machines')
    .action((options: CreateOptions) => createToken(context, options));
  token
    .command('list')
    .description('tokens and their state, without their secrets')
    .addOption(new Option('--kind <kind>', 'of one kind only').choices(KINDS))
    .option('--json', 'for machines')
    .action((options: ListOptions) => listTokens(context, options));
  dryOption(token.command('rotate').description('give a token a new secret and print it: the only time it is shown'))
    .argument(...TOKEN)
    .option('--overlap <time>', 'how long the old secret is good beside it, such as 15m; else not at all', timeSpan)
    .option('--json', 'for machines')
    .action((name: string, options: RotateOptions) => rotateToken(context, name, options));
  token
    .command('enable')
    .description('let a disabled token in again')
    .argument(...TOKEN)
    .action((name: string) => changeToken(context, 'enable', name, 'is enabled'));
  const refusals = [
    ['revoke', 'refuse a token from now on, on every replica', 'is revoked'],
    ['disable', 'refuse a token until it is enabled again', 'is disabled'],
  ] as const;
  for (const [verb, description, outcome] of refusals) {
    dryOption(token.command(verb).description(description))
      .argument(...TOKEN)
      .action((name: string, { dryRun }: DryOption) => changeToken(context, verb, name, outcome, dryRun));
  }
}

async function createToken(context: CommandContext, options: CreateOptions): Promise<void> {
  const { label, kind, scope, pool, expires, json } = options;
  const wanted = {
    label,
    kind,
    ...(scope && { scopes: scope }),
    ...(pool && { pools: pool }),
    ...(expires && { expiresAt: expires.toISOString() }),
  };
  const made = await withOperations(context, (operations) =>
    operations.ask('tokens.create', wanted, tokenWithSecretView),
  );
  show(context, made, json);
}

async function rotateToken(context: CommandContext, token: string, options: RotateOptions): Promise<void> {
  const { overlap = 0, dryRun, json } = options;
  const asked = { token, overlapSeconds: overlap / 1_000 };
  await withOperations(context, async (operations) => {
    if (dryRun) return context.out(await triedDry(operations, 'tokens.rotate', asked));
    const rotated = await operations.ask('tokens.rotate', asked, tokenWithSecretView);
    show(context, rotated, json);
    const { previousUntil } = rotated;
    if (previousUntil !== null && !json) context.note(`The old secret is good until ${previousUntil}.`);
  });
}

function changeToken(
  context: CommandContext,
  verb: 'revoke' | 'disable' | 'enable',
  name: string,
  outcome: string,
  dryRun?: true,
): Promise<void> {
  return withOperations(context, async (operations) => {
    if (dryRun) return context.out(await triedDry(operations, `tokens.${verb}`, { token: name }));
    const { label, prefix } = await operations.ask(`tokens.${verb}`, { token: name }, tokenView);
    context.out(`Token ${label} (${prefix}) ${outcome}.`);
  });
}

async function listTokens(context: CommandContext, { kind, json }: ListOptions): Promise<void> {
  const items = await withOperations(context, (operations) =>
    everyItem(operations, 'tokens.list', { ...(kind && { kind }) }, tokenView),
  );
  const lines = items.map(({ prefix, label, kind: is, status, expiresAt, lastUsedAt, id, scopes, pools }) => ({
    prefix,
    label,
    kind: is,
    status,
    expires: expiresAt,
    last_used: lastUsedAt,
    id,
    scopes: scopes.join(', '),
    pools: pools?.join(', ') ?? 'all',
  }));
  context.out(json ? JSON.stringify(items, undefined, 2) : table(lines, 'No tokens yet: codex-pooler token create'));
}

const show = (context: CommandContext, made: z.output<typeof tokenWithSecretView>, json: true | undefined): void =>
  context.out(json ? JSON.stringify(made, undefined, 2) : made.token);
