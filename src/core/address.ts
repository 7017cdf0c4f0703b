import { BlockList, isIP } from 'node:net';

const SIZES = { ipv4: 32, ipv6: 128 } as const;
/** An IPv4 address as one of IPv6 has this many bits in front. */
const MAPPED_BITS = 96;
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;
const BLOCK = /^([^/]+)(?:\/(\d{1,3}))?$/;

interface Block {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/**
 * An address in the one form in which it is compared and shown: one of IPv4 that is written as one of IPv6 is that of
 * IPv4, one of IPv6 is in its short form.
 *
 * @returns undefined for what is no address; also with a zone, which means nothing beyond the machine that wrote it
 */
export function plainAddress(text: string): string | undefined {
  const family = text.includes('%') ? 0 : isIP(text);
  if (family !== 6) return family === 4 ? text : undefined;
  const short = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const mapped = MAPPED.exec(short);
  return mapped ? dotted(mapped.slice(1)) : short;
}

function dotted(groups: readonly string[]): string {
  const bytes = groups.map((group) => Number.parseInt(group, 16)).flatMap((number) => [number >> 8, number & 255]);
  return bytes.join('.');
}

/** An address or CIDR block as a block, `10.0.0.0/8`. @returns undefined for what is neither */
export function addressBlock(text: string): string | undefined {
  const block = blockIn(text);
  return block && `${block.address}/${block.bits}`;
}

const lists = new WeakMap<readonly string[], BlockList>();

/**
 * Whether an address is in one of the blocks, also one of IPv4 that came as one of IPv6. What is no address is in none.
 *
 * @param blocks as `addressBlock` gives them
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
  const [, given = '', size] = BLOCK.exec(text.trim()) ?? [];
  const address = plainAddress(given);
  if (address === undefined) return undefined;
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  const skipped = family === 'ipv4' && isIP(given) === 6 ? MAPPED_BITS : 0;
  const bits = size === undefined ? SIZES[family] : Number(size) - skipped;
  return bits < 0 || bits > SIZES[family] ? undefined : { address, bits, family };
}

/** Whoever has one address of IPv6 has its whole /64; of IPv4 it is one. What is no address is its own. */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (plain === undefined || isIP(plain) === 4) return plain ?? address;
  const [head = '', tail] = plain.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - first.length - last.length }, () => '0');
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`;
}
