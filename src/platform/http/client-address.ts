import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { isWithin, plainAddress } from '../../core/index.js';

/** Where the address of a client stands: at the other end of its connection, or in what a proxy says. */
export const ADDRESS_SOURCES = ['peer', 'x_forwarded_for', 'x_real_ip'] as const;
export type AddressSource = (typeof ADDRESS_SOURCES)[number];

/** How far back a fixed depth may reach. */
export const MAX_FORWARDED_DEPTH = 16;
const MAX_HOPS = 32;
const MAX_ENTRY_BYTES = 64;

export interface Forwarding {
  readonly source: AddressSource;
  /** Of `x_forwarded_for`, from the right; 0: the first one from there that is no proxy of ours. */
  readonly depth: number;
  /** Blocks; what any other peer says of addresses is not looked at. */
  readonly trustedProxies: readonly string[];
}

/** The other end of a connection; `undefined` when that is gone. A zone, which is of this machine only, is left out. */
export function peerAddressOf({ socket }: { readonly socket: Pick<Socket, 'remoteAddress'> }): string | undefined {
  return plainAddress((socket.remoteAddress ?? '').replace(/%.*$/, ''));
}

/**
 * Whose request it is. Source: runtime contract §2.1.
 *
 * @param headers as Node joins them: lines of one name in order, with commas between
 * @returns undefined when a proxy of ours says it in a way that cannot be believed
 */
export function clientAddressOf(
  peer: string | undefined,
  headers: IncomingHttpHeaders,
  { source, depth, trustedProxies }: Forwarding,
): string | undefined {
  if (peer === undefined || source === 'peer' || !isWithin(trustedProxies, peer)) return peer;
  if (source === 'x_real_ip') return plainAddress(lineOf(headers['x-real-ip']) ?? '');
  const chain = lineOf(headers['x-forwarded-for']);
  const hops = chain === undefined ? [] : hopsIn(chain);
  if (hops === undefined) return undefined;
  if (depth > 0) return hops.at(-depth);
  return hops.findLast((hop) => !isWithin(trustedProxies, hop)) ?? hops[0] ?? peer;
}

/** `undefined` when one of them is no address, or when they are too many. */
function hopsIn(chain: string): readonly string[] | undefined {
  const entries = chain.split(',', MAX_HOPS + 1).map((entry) => entry.trim());
  if (entries.length > MAX_HOPS) return undefined;
  const hops = entries.flatMap((entry) => (entry.length > MAX_ENTRY_BYTES ? [] : (plainAddress(entry) ?? [])));
  return hops.length === entries.length ? hops : undefined;
}

/** The one line there is, whatever is around its value; of several the text that Node makes of them. */
const lineOf = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'object' ? header.join(',') : header?.trim();
