import { isIP } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { allowListOf, mayConnect, type AllowList } from './allow-list.js';
import { checkedLookup } from './checked-lookup.js';
import { EgressRefused } from './egress-refused.js';
import type { HostResolver } from './host-resolver.service.js';

interface GuardOptions {
  /** Beside the public internet. */
  readonly allowed?: AllowList;
  readonly connectMs: number;
  /** Longest silence before the head of an answer, and between its bytes. */
  readonly silenceMs: number;
}

/**
 * Makes requests to where somebody else's URL leads. Each connection goes to an address that was looked at when it was
 * made, whatever the URL said before; redirects are not followed, and no proxy is asked.
 */
export function guardedAgent(
  hosts: Pick<HostResolver, 'addresses'>,
  { allowed = allowListOf(), connectMs, silenceMs }: GuardOptions,
): Agent {
  const connect = buildConnector({
    timeout: connectMs,
    lookup: checkedLookup((host) => hosts.addresses(host), allowed),
  });
  return new Agent({
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
    connect: (options, done) => {
      const host = options.hostname.replace(/^\[|\]$/g, '');
      // Nobody looks an address up, so it is looked at here.
      if (isIP(host) !== 0 && !mayConnect(host, [host], allowed)) done(new EgressRefused(), null);
      else connect(options, done);
    },
  });
}
