import type { KeyId, PoolPolicy, Principal, RoutingPolicy } from '../core/index.js';
import type { PoolKey } from './pool-key.entity.js';
import type { Pool } from './pool.entity.js';

type CallerKey = Pick<PoolKey, 'id' | 'label' | 'allowedModels' | 'maxConcurrent'>;

/** Some key of the Pool, without limits of its own: to see what becomes of a call, whoever makes it. */
const ANY_KEY: CallerKey = { id: '' as KeyId, label: '', allowedModels: null, maxConcurrent: null };

/** A caller as its rows say. Whether it may call at all is not asked here. */
export const callerOf = (pool: Pool, key: CallerKey = ANY_KEY): Principal => ({
  keyId: key.id,
  keyLabel: key.label,
  pool: policyOf(pool),
  ...(key.allowedModels ? { allowedModels: new Set(key.allowedModels) } : {}),
  ...(key.maxConcurrent === null ? {} : { maxConcurrent: key.maxConcurrent }),
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
