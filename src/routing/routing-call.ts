import { hash } from 'node:crypto';
import { routeClassOf, type Principal, type RoutedCall } from '../core/index.js';
import { sessionDigest } from './continuity/session-digest.js';
import type { Pin } from './decision.js';
import type { RoutingCall } from './policy/routing-call.js';

/** SHA-256 over Pool, key, model and the prompt cache key: an upstream's cache is of one model. */
function cacheDigest({ cacheKey, model }: RoutedCall, { pool, keyId }: Principal): string | undefined {
  if (cacheKey === undefined) return undefined;
  const parts = [pool.id, keyId, model.trim().toLowerCase(), 'prompt_cache', cacheKey];
  return hash('sha256', parts.join('\0'), 'hex');
}

/**
 * A call as the choice among accounts sees it. A prompt cache key that is just the session's name says no more than the
 * session does.
 */
export function routingCall(call: RoutedCall, caller: Principal, pin: Pin | undefined): RoutingCall {
  const cache = cacheDigest(call, caller);
  return {
    model: call.model,
    operation: call.operation,
    routeClass: routeClassOf(call),
    seed: sessionDigest(call, caller)?.toString('hex') ?? cache ?? call.id.replaceAll('-', ''),
    ...(cache === undefined || call.cacheKey === call.session ? {} : { cacheSeed: cache }),
    ...(pin ? { pin } : {}),
  };
}
