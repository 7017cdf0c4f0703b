import { BlockList, isIP } from 'node:net';
import { isLinkLocal, isPublicAddress } from './public-address.js';
import { publicHost } from './public-url.js';

/** What may be reached although it is not of the public internet, by the word of whoever runs this. */
export interface AllowList {
  readonly hosts: readonly { readonly host: string; readonly port?: number }[];
  readonly networks: BlockList;
}

const NETWORK = /^([0-9a-f.:]+)\/(\d{1,3})$/i;
const HOST = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i;

/** @param text hosts with or without a port, and networks, with commas between: `hooks.internal:8443,10.1.0.0/16` */
export function allowListOf(text = ''): AllowList {
  const hosts: AllowList['hosts'][number][] = [];
  const networks = new BlockList();
  for (const entry of text.split(',').map((each) => each.trim())) {
    const [, base = '', bits = ''] = NETWORK.exec(entry) ?? [];
    const [, name, port] = HOST.exec(entry) ?? [];
    if (base !== '') networks.addSubnet(base, Number(bits), isIP(base) === 4 ? 'ipv4' : 'ipv6');
    else if (name !== undefined) hosts.push({ host: plainHost(name), ...(port && { port: Number(port) }) });
  }
  return { hosts, networks };
}

/**
 * The host that a URL leads to, if its name does not forbid to go there: one of the public internet over TLS, or one that
 * is on the list, then also without TLS. Which addresses it has is still to be looked at.
 */
export function outboundHost(url: URL, allowed: AllowList): string | undefined {
  const host = plainHost(url.hostname);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (allowed.hosts.some((each) => each.host === host && (each.port ?? port) === port)) return host;
  const family = isIP(host);
  if (url.protocol === 'https:' && family !== 0 && isInside(allowed, host)) return host;
  return publicHost(url);
}

/**
 * Whether a host with these addresses may be connected to: every single one has to be, whichever is taken. A name on the
 * list stands for private addresses too, and never for link-local ones, where clouds tell secrets.
 */
export function mayConnect(host: string, addresses: readonly string[], allowed: AllowList): boolean {
  const isListed = allowed.hosts.some((each) => each.host === plainHost(host));
  const isAllowed = (address: string): boolean =>
    isPublicAddress(address) ||
    (isIP(address) !== 0 && isInside(allowed, address)) ||
    (isListed && isIP(address) !== 0 && !isLinkLocal(address));
  return addresses.length > 0 && addresses.every(isAllowed);
}

const isInside = ({ networks }: AllowList, address: string): boolean =>
  !address.includes('%') && networks.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');

/** As URLs write it, without brackets and without the dot of the root. */
const plainHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
