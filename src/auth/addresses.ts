import { BlockList, isIP } from 'node:net';
import { KeyRefused } from './key-refused.js';

interface Block {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const MAPPED_BITS = 96;
const SIZES = { ipv4: 32, ipv6: 128 } as const;

/**
 * Addresses and CIDR blocks as they are kept: each as a block, each once. Addresses of IPv4 that are written as ones of
 * IPv6 are those of IPv4.
 *
 * @throws KeyRefused with the first that is none, or when there are none at all
 */
export function cidrBlocks(given: readonly string[]): string[] {
  const blocks = given.map((text) => {
    const { address, bits } = blockIn(text) ?? refuse(text);
    return `${address}/${bits}`;
  });
  if (blocks.length === 0) throw new KeyRefused('The addresses of a key are at least one.');
  return [...new Set(blocks)].sort();
}

const lists = new WeakMap<readonly string[], BlockList>();

/**
 * Whether an address is in one of the blocks, also one of IPv4 that came as one of IPv6. What is no address is in none.
 *
 * @param blocks as `cidrBlocks` gives them
 */
export function isWithin(blocks: readonly string[], address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  const list = lists.get(blocks) ?? listOf(blocks);
  lists.set(blocks, list);
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function listOf(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of blocks) {
    const block = blockIn(text);
    if (block) list.addSubnet(block.address, block.bits, block.family);
  }
  return list;
}

function blockIn(text: string): Block | undefined {
  const [, given = '', size] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const whole = isIP(given);
  if (whole === 0) return undefined;
  const bits = size === undefined ? undefined : Number(size);
  const mapped = MAPPED.exec(given)?.[1];
  if (mapped !== undefined) return bounded(mapped, bits === undefined ? undefined : bits - MAPPED_BITS, 'ipv4');
  return bounded(given.toLowerCase(), bits, whole === 4 ? 'ipv4' : 'ipv6');
}

function bounded(address: string, bits: number | undefined, family: Block['family']): Block | undefined {
  const size = bits ?? SIZES[family];
  return size < 0 || size > SIZES[family] ? undefined : { address, bits: size, family };
}

function refuse(text: string): never {
  throw new KeyRefused(
    `"${text.slice(0, 60)}" is no address and no CIDR block, such as 192.0.2.0/24 or 2001:db8::/32.`,
  );
}
