import {
  allowedModels,
  type KeyId,
  type PoolPolicy,
  type Principal,
  type RoutingPolicy,
  type UsageLimit,
} from '../core/index.js';
import { NO_POLICY, type PolicyColumns } from './key-policy.js';
import type { PoolKey } from './pool-key.entity.js';
import type { Pool } from './pool.entity.js';

type CallerKey = Pick<PoolKey, 'id' | 'label'> & PolicyColumns;

/** Some key of the Pool, without limits of its own: to see what becomes of a call, whoever makes it. */
const ANY_KEY: CallerKey = { id: '' as KeyId, label: '', ...NO_POLICY };

/**
 * A caller as its rows say. Whether it may call at all is not asked here.
 *
 * @param limits of the key and of its Pool
 */
export const callerOf = (pool: Pool, key: CallerKey = ANY_KEY, limits: readonly UsageLimit[] = []): Principal => ({
  keyId: key.id,
  keyLabel: key.label,
  pool: policyOf(pool),
  ...(key.allowedModels ? { allowedModels: allowedModels(key.allowedModels) } : {}),
  ...(key.maxConcurrent === null ? {} : { maxConcurrent: key.maxConcurrent }),
  ...(key.modelAliases.length === 0 ? {} : { modelAliases: key.modelAliases }),
  ...(key.forcedModel === null ? {} : { forcedModel: key.forcedModel }),
  ...(key.effortMode && key.effort ? { effort: { mode: key.effortMode, effort: key.effort } } : {}),
  ...(key.serviceTier === null ? {} : { serviceTier: key.serviceTier }),
  ...(key.allowedAddresses ? { allowedAddresses: key.allowedAddresses } : {}),
  ...(limits.length === 0 ? {} : { limits }),
});

const policyOf = (pool: Pool): PoolPolicy => ({
  id: pool.id,
  slug: pool.slug,
  v1Enabled: pool.v1Enabled,
  imageGenerationEnabled: pool.imageGenerationEnabled,
  allowUnlistedModels: pool.allowUnlistedModels,
  reportCapacity: pool.reportCapacity,
  anthropicModels: pool.anthropicModels,
  droppedParams: new Set(pool.droppedParams),
  routing: routingOf(pool),
  ...(pool.storedResponses ? { stored: { maxItems: pool.maxStoredItems, ttlMs: pool.storedTtlSeconds * 1000 } } : {}),
  ...(pool.defaultInstructions === null ? {} : { defaultInstructions: pool.defaultInstructions }),
  ...(pool.defaultModel === null ? {} : { defaultModel: pool.defaultModel }),
});

const routingOf = (pool: Pool): RoutingPolicy => ({
  strategy: pool.routingStrategy,
  evidence: pool.evidencePolicy,
  cacheLocality: pool.cacheLocality,
  sessionMoves: pool.sessionMoves,
  ...(pool.ringSize === null ? {} : { ringSize: pool.ringSize }),
  ...(pool.maxConcurrent === null ? {} : { maxConcurrent: pool.maxConcurrent }),
});
