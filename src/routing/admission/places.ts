import {
  routeClassOf,
  type KeyId,
  type PoolPolicy,
  type Principal,
  type RouteClass,
  type RoutedCall,
  type RoutingPolicy,
} from '../../core/index.js';
import type { Place } from '../../platform/shared-state/index.js';
import type { AccountSnapshot } from '../../upstream/index.js';

/** What admission looks at in a call, and in who sends it. */
export type IncomingCall = Pick<RoutedCall, 'operation' | 'transport'>;
export interface IncomingCaller extends Pick<Principal, 'keyId' | 'maxConcurrent'> {
  readonly pool: Pick<PoolPolicy, 'id'> & { readonly routing: Pick<RoutingPolicy, 'maxConcurrent'> };
}

/**
 * What a call has to find room in before an account is chosen: its key's own limit, its Pool's, and that of its class of
 * routes. The last two are shared among keys. The key's own limit is asked first: who waits for that keeps nobody else
 * from the others.
 */
export function placesOf(
  call: IncomingCall,
  { keyId, maxConcurrent, pool }: IncomingCaller,
  limits: Readonly<Record<RouteClass, number>>,
): Place[] {
  const routeClass = routeClassOf(call);
  const key = `key:${keyId}`;
  const { maxConcurrent: poolLimit } = pool.routing;
  return [
    ...(maxConcurrent === undefined ? [] : [{ key, limit: maxConcurrent }]),
    ...(poolLimit === undefined ? [] : [{ key: `pool:${pool.id}`, limit: poolLimit, part: key }]),
    { key: classKey(routeClass), limit: limits[routeClass], part: `${classKey(routeClass)}:${key}` },
  ];
}

/** An account, shared among the keys by how many calls each has running on any account. */
export const accountPlace = (
  { id, maxConcurrent }: Pick<AccountSnapshot, 'id' | 'maxConcurrent'>,
  keyId: KeyId,
): Place => ({
  key: accountKey(id),
  limit: maxConcurrent,
  part: `served:${keyId}`,
});

export const accountKey = (id: AccountSnapshot['id']): string => `account:${id}`;

export const classKey = (routeClass: RouteClass): string => `class:${routeClass}`;
