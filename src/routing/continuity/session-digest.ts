import { hash } from 'node:crypto';
import type { Principal, RoutedCall } from '../../core/index.js';

/** SHA-256 over Pool, key and a name: two keys that use one name never share anything. */
const digestOf = (name: string, { pool, keyId }: Principal): Buffer =>
  hash('sha256', `${pool.id}\0${keyId}\0${name}`, 'buffer');

/** Of the client's session name; `undefined` when it gave none. */
export function sessionDigest({ session }: Pick<RoutedCall, 'session'>, caller: Principal): Buffer | undefined {
  return session === undefined ? undefined : digestOf(session, caller);
}

/** Where the home of a session is kept. */
export function sessionKey(call: Pick<RoutedCall, 'session'>, caller: Principal): string | undefined {
  const digest = sessionDigest(call, caller);
  return digest && homeKey(digest);
}

/** @param digest of a session */
export const homeKey = (digest: Buffer): string => `session:${digest.toString('base64url')}`;

/** Where the maker of an anchor is kept. */
export const anchorKey = (anchor: string, caller: Principal): string =>
  `anchor:${digestOf(anchor, caller).toString('base64url')}`;
