import { addressBlock } from '../core/index.js';
import { KeyRefused } from './key-refused.js';

/**
 * Addresses and CIDR blocks as they are kept: each as a block, each once. Addresses of IPv4 that are written as ones of
 * IPv6 are those of IPv4.
 *
 * @throws KeyRefused with the first that is none, or when there are none at all
 */
export function cidrBlocks(given: readonly string[]): string[] {
  const blocks = given.map((text) => addressBlock(text) ?? refuse(text));
  if (blocks.length === 0) throw new KeyRefused('The addresses of a key are at least one.');
  return [...new Set(blocks)].sort();
}

function refuse(text: string): never {
  throw new KeyRefused(
    `"${text.slice(0, 60)}" is no address and no CIDR block, such as 192.0.2.0/24 or 2001:db8::/32.`,
  );
}
