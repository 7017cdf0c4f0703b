import { randomBytes } from 'node:crypto';
import type { CallId } from './ids.js';

const TIME_DIGITS = 12;

/**
 * A new call id: a UUID of version 7 (RFC 9562), whose first 48 bits are the time. Rows of calls lie in partitions by
 * their id, which thus are partitions by time.
 *
 * @param nowMs Unix time in milliseconds
 */
export function newCallId(nowMs: number, random: Buffer = randomBytes(10)): CallId {
  const rest = Buffer.from(random);
  rest[0] = 0x70 | ((rest[0] ?? 0) & 0x0f);
  rest[2] = 0x80 | ((rest[2] ?? 0) & 0x3f);
  return withDashes(timeDigits(nowMs) + rest.toString('hex')) as CallId;
}

/** The least UUID of a millisecond: every call id made before it is smaller, every other one is not. */
export const callIdFloor = (atMs: number): string => withDashes(timeDigits(atMs).padEnd(32, '0'));

const timeDigits = (atMs: number): string =>
  Math.max(0, Math.trunc(atMs)).toString(16).padStart(TIME_DIGITS, '0').slice(-TIME_DIGITS);

const withDashes = (digits: string): string =>
  [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-');
