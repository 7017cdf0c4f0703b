import { z } from 'zod';
import type { PoolKey } from '../../auth/index.js';
import { EFFORT_MODES, REASONING_EFFORTS, SERVICE_TIERS } from '../../core/index.js';
import { isoOrNull, moment } from '../instants.js';
import { VOLATILE } from '../version.js';
import { LIMITED } from './limit-view.js';

const effort = z.object({ mode: z.enum(EFFORT_MODES), effort: z.enum(REASONING_EFFORTS) });

/** A key, without its secret. */
export const keyView = z.object({
  id: z.uuid(),
  prefix: z.string(),
  label: z.string(),
  pool: z.string().describe('slug'),
  poolId: z.uuid(),
  status: z.enum(['active', 'paused', 'revoked']),
  allowedModels: z.array(z.string()).nullable().describe('patterns with *; null: all models'),
  modelAliases: z.array(z.tuple([z.string(), z.string()])),
  forcedModel: z.string().nullable(),
  effort: effort.nullable(),
  serviceTier: z.enum(SERVICE_TIERS).nullable(),
  allowedAddresses: z.array(z.string()).nullable().describe('CIDR blocks; null: from anywhere'),
  maxConcurrent: z.int().nullable(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
  previousPrefix: z.string().nullable().describe('of the secret before the last rotation'),
  previousUntil: z.iso.datetime().nullable().describe('how long the secret before is good'),
});
VOLATILE.add(keyView, { fields: ['lastUsedAt'] });

/** A key, its limits and how much of them is used. */
export const keyDetailView = keyView.extend(LIMITED);
VOLATILE.add(keyDetailView, { fields: ['lastUsedAt', 'used'] });

/** A key with a secret that was made just now: the only time that it is shown. */
export const keyWithSecretView = keyView.extend({ token: z.string() });

export type KeyView = z.output<typeof keyView>;
export type KeyDetailView = z.output<typeof keyDetailView>;

const MAX_LISTED = 200;
const text = z.string().max(300);

/** What may be said of a key; null takes a rule away. Whether it makes sense is found out where keys are kept. */
export const keyPolicy = {
  allowedModels: z.array(text).max(MAX_LISTED).nullable().describe('patterns with *'),
  modelAliases: z
    .array(z.tuple([text, text]))
    .max(MAX_LISTED)
    .nullable()
    .describe('names that it asks for, * for anything, and what serves them; the first that fits'),
  forcedModel: text.nullable().describe('in place of whatever model is asked for'),
  effort: effort.strict().nullable(),
  serviceTier: z.enum([...SERVICE_TIERS, 'fast']).nullable(),
  allowedAddresses: z.array(text).max(MAX_LISTED).nullable().describe('addresses and CIDR blocks'),
  maxConcurrent: z.int().min(1).max(100_000).nullable(),
  expiresAt: moment.nullable(),
};

export const keyViewOf = (key: PoolKey, pool: string): KeyView => ({
  id: key.id,
  prefix: key.prefix,
  label: key.label,
  pool,
  poolId: key.poolId,
  status: key.status,
  allowedModels: key.allowedModels,
  modelAliases: key.modelAliases,
  forcedModel: key.forcedModel,
  effort: key.effortMode && key.effort ? { mode: key.effortMode, effort: key.effort } : null,
  serviceTier: key.serviceTier,
  allowedAddresses: key.allowedAddresses,
  maxConcurrent: key.maxConcurrent,
  expiresAt: isoOrNull(key.expiresAt),
  lastUsedAt: isoOrNull(key.lastUsedAt),
  createdAt: key.createdAt.toISOString(),
  revokedAt: isoOrNull(key.revokedAt),
  previousPrefix: key.previousPrefix,
  previousUntil: isoOrNull(key.previousUntil),
});
