import { Option, type Command } from 'commander';
import { OperatorTokenAdmin, PoolService, type MadeToken, type OperatorToken } from '../../auth/index.js';
import type { PoolId } from '../../core/index.js';
import { audited, localUser, type Trail } from './audited.js';
import { CommandFailed, withServices, type CommandContext, type Services } from './context.js';
import { instant } from './key-options.js';
import { poolOf } from './pool-of.js';
import { table } from './table.js';
import { tokenTarget } from './targets.js';
import { timeSpan } from './time-span.js';

interface CreateOptions {
  readonly label: string;
  readonly kind: OperatorToken['kind'];
  readonly scope?: readonly string[];
  readonly pool?: readonly string[];
  readonly expires?: Date;
  readonly json?: true;
}

interface RotateOptions {
  readonly overlap?: number;
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
    .action((options: { kind?: OperatorToken['kind']; json?: true }) => listTokens(context, options));
  token
    .command('rotate')
    .description('give a token a new secret and print it: the only time it is shown')
    .argument(...TOKEN)
    .option('--overlap <time>', 'how long the old secret is good beside it, such as 15m; else not at all', timeSpan)
    .option('--json', 'for machines')
    .action((name: string, options: RotateOptions) => rotateToken(context, name, options));
  const changes = [
    ['revoke', 'refuse a token from now on, on every replica', 'is revoked'],
    ['disable', 'refuse a token until it is enabled again', 'is disabled'],
    ['enable', 'let a disabled token in again', 'is enabled'],
  ] as const;
  for (const [verb, description, outcome] of changes) {
    token
      .command(verb)
      .description(description)
      .argument(...TOKEN)
      .action((name: string) => changeToken(context, verb, name, outcome));
  }
}

async function createToken(context: CommandContext, options: CreateOptions): Promise<void> {
  const { label, kind, scope, pool, expires, json } = options;
  const action = { action: 'token.create', target: { type: 'token', label }, asked: { kind, scope, pool, expires } };
  await audited(context, action, async (services, trail) => {
    const made = await services.get(OperatorTokenAdmin).create({
      kind,
      label,
      createdBy: localUser(),
      ...(scope === undefined ? {} : { scopes: scope }),
      ...(pool === undefined ? {} : { poolIds: await idsOf(services, pool) }),
      ...(expires === undefined ? {} : { expiresAt: expires }),
    });
    await show(context, services, made, trail, json);
  });
}

async function rotateToken(context: CommandContext, name: string, { overlap = 0, json }: RotateOptions): Promise<void> {
  const action = { action: 'token.rotate', target: { type: 'token', id: name }, asked: { overlapMs: overlap } };
  await audited(context, action, async (services, trail) => {
    const tokens = services.get(OperatorTokenAdmin);
    const before = found(await tokens.named(name));
    trail.before({ prefix: before.prefix });
    const rotated = await tokens.rotate(before.id, overlap);
    if (!rotated) throw new CommandFailed('It is gone.');
    await show(context, services, rotated, trail, json);
    const { previousUntil } = rotated.row;
    if (previousUntil && !json) context.note(`The old secret is good until ${previousUntil.toISOString()}.`);
  });
}

async function changeToken(
  context: CommandContext,
  verb: 'revoke' | 'disable' | 'enable',
  name: string,
  outcome: string,
) {
  const action = { action: `token.${verb}`, target: { type: 'token', id: name } };
  await audited(context, action, async (services, trail) => {
    const tokens = services.get(OperatorTokenAdmin);
    const { id } = found(await tokens.named(name));
    const row = found(await (verb === 'revoke' ? tokens.revoke(id) : tokens.setEnabled(id, verb === 'enable')));
    trail.about(tokenTarget(row));
    context.out(`Token ${row.label} (${row.prefix}) ${outcome}.`);
  });
}

async function listTokens(context: CommandContext, { kind, json }: { kind?: OperatorToken['kind']; json?: true }) {
  const rows = await withServices(context, async (services) => {
    const slugs = await slugsOf(services);
    return (await services.get(OperatorTokenAdmin).list(kind)).map((row) => rowOf(row, slugs));
  });
  const lines = rows.map(({ scopes, pools, ...row }) => ({
    ...row,
    scopes: scopes.join(', '),
    pools: pools?.join(', ') ?? 'all',
  }));
  context.out(json ? JSON.stringify(rows, undefined, 2) : table(lines, 'No tokens yet: codex-pooler token create'));
}

async function show(
  context: CommandContext,
  services: Services,
  { row, token }: Required<MadeToken>,
  trail: Trail,
  json: true | undefined,
): Promise<void> {
  const shown = rowOf(row, await slugsOf(services));
  trail.about(tokenTarget(row));
  trail.after(shown);
  context.out(json ? JSON.stringify({ ...shown, token }, undefined, 2) : token);
}

const slugsOf = async (services: Services): Promise<ReadonlyMap<PoolId, string>> =>
  new Map((await services.get(PoolService).listPools()).map(({ id, slug }) => [id, slug]));

const idsOf = (services: Services, slugs: readonly string[]): Promise<PoolId[]> =>
  Promise.all(slugs.map(async (slug) => (await poolOf(services.get(PoolService), slug)).id));

const stateOf = ({ revokedAt, enabled }: OperatorToken): string => {
  if (revokedAt) return 'revoked';
  return enabled ? 'active' : 'disabled';
};

const rowOf = (row: OperatorToken, slugs: ReadonlyMap<PoolId, string>) => ({
  prefix: row.prefix,
  label: row.label,
  kind: row.kind,
  status: stateOf(row),
  expires: row.expiresAt,
  last_used: row.lastUsedAt,
  id: row.id,
  scopes: row.scopes,
  pools: row.poolIds?.map((id) => slugs.get(id) ?? id) ?? null,
});

function found(row: OperatorToken | null): OperatorToken {
  if (!row) throw new CommandFailed('There is no token of that prefix, id or label, or more than one.');
  return row;
}
