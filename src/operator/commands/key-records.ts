import type { KeyView } from '../../control/index.js';

/** A key in a list of them, for machines. */
export const keyRow = ({ prefix, label, pool, status, expiresAt, lastUsedAt, id, allowedModels }: KeyView) => ({
  prefix,
  label,
  pool,
  status,
  expires: expiresAt,
  last_used: lastUsedAt,
  id,
  models: allowedModels,
});

/** A key with its rules, for machines. */
export const keyRecord = (key: KeyView) => ({
  prefix: key.prefix,
  label: key.label,
  pool: key.pool,
  status: key.status,
  id: key.id,
  expires: key.expiresAt,
  last_used: key.lastUsedAt,
  models: key.allowedModels,
  aliases: key.modelAliases,
  forced_model: key.forcedModel,
  effort: key.effort && { mode: key.effort.mode, value: key.effort.effort },
  service_tier: key.serviceTier,
  addresses: key.allowedAddresses,
  max_concurrent: key.maxConcurrent,
});

/** The rules of a key, for people. */
export function policyLines(key: KeyView): readonly string[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['models', key.allowedModels?.join(', ') ?? 'all'],
    ['aliases', key.modelAliases.map(([pattern, model]) => `${pattern} → ${model}`).join(', ') || undefined],
    ['forced model', key.forcedModel ?? undefined],
    ['effort', key.effort ? `${key.effort.mode} ${key.effort.effort}` : undefined],
    ['service tier', key.serviceTier ?? undefined],
    ['addresses', key.allowedAddresses?.join(', ')],
    ['calls at once', key.maxConcurrent?.toString()],
    ['expires', key.expiresAt ?? undefined],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name}: ${value}`]));
}
