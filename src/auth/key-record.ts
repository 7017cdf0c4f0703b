import { GatewayError, type Principal } from '../core/index.js';
import type { KeyStatus } from './pool-key.entity.js';
import type { PoolStatus } from './pool.entity.js';

/** Broadcast when what a cache holds of keys is out of date: a key's id, or `*` for all of them. */
export const KEY_CHANNEL = 'pool-key';
export const EVERY_KEY = '*';

/** What is known of a key whose secret was right. */
export interface KeyRecord {
  readonly principal: Principal;
  readonly status: KeyStatus;
  readonly poolStatus: PoolStatus;
  /** Unix time in milliseconds; absent: never. */
  readonly expiresAtMs?: number;
  /** Until when the secret that was shown is good, Unix time in milliseconds: another one has taken its place. */
  readonly secretUntilMs?: number;
}

/** One answer for all that must not be told apart: no key, a malformed, an unknown or a wrong one, a Pool at rest. */
export const keyMissing = () =>
  new GatewayError('api_key_missing', 'Incorrect API key provided. A valid Pool API key is required.');

/** @throws GatewayError when the key may not be used at `nowMs`; also for a key read a while ago, so call it each time */
export function principalOf(record: KeyRecord, nowMs: number): Principal {
  if (record.poolStatus !== 'active' || (record.secretUntilMs ?? Infinity) <= nowMs) throw keyMissing();
  if (record.status === 'revoked') throw new GatewayError('api_key_revoked', 'This Pool API key was revoked.');
  if (record.status === 'paused') throw new GatewayError('api_key_paused', 'This Pool API key is paused.');
  if (record.expiresAtMs !== undefined && record.expiresAtMs <= nowMs) {
    throw new GatewayError('api_key_expired', 'This Pool API key has expired.');
  }
  return record.principal;
}
