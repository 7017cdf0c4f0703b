import { createHash } from 'node:crypto';
import type { Principal, RoutedCall } from '../core/index.js';

/** SHA-256 over Pool, key and the client's session name: two keys that use one name never share a session. */
export function sessionDigest(call: RoutedCall, caller: Principal): Buffer | undefined {
  if (call.session === undefined) return undefined;
  return createHash('sha256').update([caller.pool.id, caller.keyId, call.session].join('\0')).digest();
}
