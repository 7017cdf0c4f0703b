import { BlockList, isIP } from 'node:net';

/** Not to be reached from the internet, or only by name: IANA's special-purpose registries, and multicast. */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // Azure's platform services, which answer from inside only.
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** All that IPv6 routes globally today; what is special inside of it (Teredo, ORCHID, documentation, 6to4) is below. */
const GLOBAL_V6 = ['2000::/3'];
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** IPv6 addresses that stand for an IPv4 address in their last 32 bits: mapped, and NAT64's well-known prefix. */
const CARRIES_V4 = ['::ffff:0:0/96', '64:ff9b::/96'];

/** Where clouds tell secrets to whoever asks from inside. */
const LINK_LOCAL_V4 = ['169.254.0.0/16', '168.63.129.16/32', '100.100.100.200/32'];
const LINK_LOCAL_V6 = ['fe80::/10', 'fd00:ec2::/32'];

const specialV4 = listOf('ipv4', SPECIAL_V4);
const specialV6 = listOf('ipv6', SPECIAL_V6);
const globalV6 = listOf('ipv6', GLOBAL_V6);
const carriesV4 = listOf('ipv6', CARRIES_V4);
const linkLocalV4 = listOf('ipv4', LINK_LOCAL_V4);
const linkLocalV6 = listOf('ipv6', LINK_LOCAL_V6);

/**
 * Whether an address is of the public internet, so that nothing of ours or of our neighbours is behind it.
 *
 * @param address in any notation that a resolver gives; with a zone it is link-local. Anything else is not public
 */
export function isPublicAddress(address: string): boolean {
  switch (address.includes('%') ? 0 : isIP(address)) {
    case 4:
      return !specialV4.check(address, 'ipv4');
    case 6:
      // Asked first: a block list takes a mapped address for the IPv4 address that it carries, but no NAT64 one.
      if (carriesV4.check(address, 'ipv6')) return isPublicAddress(carriedV4(address));
      return globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** Whether a host with these addresses may be reached: every single one has to be public, whichever is taken. */
export const arePublic = (addresses: readonly string[]): boolean =>
  addresses.length > 0 && addresses.every(isPublicAddress);

/** Whether an address is good on one link only, or of a cloud's own services. Anything that is no address counts as one. */
export function isLinkLocal(address: string): boolean {
  switch (address.includes('%') ? 0 : isIP(address)) {
    case 4:
      return linkLocalV4.check(address, 'ipv4');
    case 6:
      if (carriesV4.check(address, 'ipv6')) return isLinkLocal(carriedV4(address));
      return linkLocalV6.check(address, 'ipv6');
    default:
      return true;
  }
}

function listOf(type: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', bits = ''] = network.split('/');
    list.addSubnet(base, Number(bits), type);
  }
  return list;
}

function carriedV4(address: string): string {
  // A URL writes every IPv6 address in one way: groups of hexadecimal digits, the longest run of zeros left out.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':');
  const [high = 0, low = 0] = groups.slice(-2).map((group) => Number.parseInt(group === '' ? '0' : group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
