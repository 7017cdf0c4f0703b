import type { Command } from 'commander';
import { LimitStatusService, type LimitStatus } from '../../accounting/index.js';
import { KeyAdminService, PoolService, UsageLimitService, type KeyPolicy, type PoolKey } from '../../auth/index.js';
import { audited } from './audited.js';
import { CommandFailed, withServices, type CommandContext } from './context.js';
import { policyOf, policyOptions, type PolicyOptions } from './key-options.js';
import { limitLines } from './limit-commands.js';
import { limitStatusLines } from './limit-status-lines.js';
import { keyTarget } from './targets.js';

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
    .action((name: string) => change(context, name, { paused: true }, 'is paused'));
  key
    .command('resume')
    .description('serve a paused key again')
    .argument(...KEY)
    .action((name: string) => change(context, name, { paused: false }, 'is active'));
  key
    .command('show')
    .description('the rules of a key, its limits and those of its Pool, and what is used of them')
    .argument(...KEY)
    .option('--json', 'for machines')
    .action((name: string, { json }: { json?: true }) => show(context, name, json === true));
}

async function setPolicy(context: CommandContext, name: string, policy: KeyPolicy): Promise<void> {
  if (Object.keys(policy).length === 0) throw new CommandFailed('Say what to set.');
  const key = await changed(context, 'key.set', name, policy);
  context.out([`Key ${key.label}:`, ...policyLines(key)].join('\n'));
}

async function change(context: CommandContext, name: string, policy: KeyPolicy, outcome: string): Promise<void> {
  const key = await changed(context, policy.paused === true ? 'key.pause' : 'key.resume', name, policy);
  context.out(`Key ${key.label} (${key.prefix}) ${outcome}.`);
}

const changed = (context: CommandContext, action: string, name: string, policy: KeyPolicy): Promise<PoolKey> =>
  audited(context, { action, target: { type: 'key', id: name }, asked: policy }, async (services, trail) => {
    const keys = services.get(KeyAdminService);
    const before = found(await keys.keyNamed(name));
    trail.about(keyTarget(before));
    trail.before(recordOf(before));
    const after = found(await keys.changeKey(name, policy));
    trail.after(recordOf(after));
    return after;
  });

async function show(context: CommandContext, name: string, json: boolean): Promise<void> {
  await withServices(context, async (services) => {
    const key = found(await services.get(KeyAdminService).keyNamed(name));
    const limits = services.get(UsageLimitService);
    const [pools, own, ofPool] = await Promise.all([
      services.get(PoolService).listPools(),
      limits.limitsOf({ keyId: key.id }),
      limits.limitsOf({ poolId: key.poolId }),
    ]);
    const pool = pools.find(({ id }) => id === key.poolId)?.slug ?? '';
    const used = await services.get(LimitStatusService).statusOf([...own, ...ofPool]);
    if (json) {
      const record = { ...recordOf(key, pool), limits: own, poolLimits: ofPool, used };
      return context.out(JSON.stringify(record, undefined, 2));
    }
    const linesOf = (scope: LimitStatus['scope']) => limitStatusLines(used.filter((status) => status.scope === scope));
    const head = `Key ${key.label} (${key.prefix}) of Pool ${pool}: ${key.status}`;
    const lines = [head, ...policyLines(key), 'Limits of the key:', ...limitLines(own), ...linesOf('key')];
    context.out([...lines, `Limits of Pool ${pool}:`, ...limitLines(ofPool), ...linesOf('pool')].join('\n'));
  });
}

const recordOf = (key: PoolKey, pool?: string) => ({
  prefix: key.prefix,
  label: key.label,
  pool,
  status: key.status,
  id: key.id,
  expires: key.expiresAt,
  last_used: key.lastUsedAt,
  models: key.allowedModels,
  aliases: key.modelAliases,
  forced_model: key.forcedModel,
  effort: key.effortMode && { mode: key.effortMode, value: key.effort },
  service_tier: key.serviceTier,
  addresses: key.allowedAddresses,
  max_concurrent: key.maxConcurrent,
});

function policyLines(key: PoolKey): readonly string[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['models', key.allowedModels?.join(', ') ?? 'all'],
    ['aliases', key.modelAliases.map(([pattern, model]) => `${pattern} → ${model}`).join(', ') || undefined],
    ['forced model', key.forcedModel ?? undefined],
    ['effort', key.effortMode && key.effort ? `${key.effortMode} ${key.effort}` : undefined],
    ['service tier', key.serviceTier ?? undefined],
    ['addresses', key.allowedAddresses?.join(', ')],
    ['calls at once', key.maxConcurrent?.toString()],
    ['expires', key.expiresAt?.toISOString()],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name}: ${value}`]));
}

function found(key: PoolKey | null): PoolKey {
  if (!key) throw new CommandFailed('There is no key of that prefix or id.');
  return key;
}
