import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.js';

/** No space, no control character, no backslash: what one parser reads around, another takes for a part of the host. */
const PLAIN = /^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i;
/** A name with a dot: a bare one is looked up in our own domain. */
const PUBLIC_NAME = /^(?!.*\.localhost$)[^.]+(\.[^.]+)+$/;

/** A URL of somebody else's that every parser reads in the same way, and that carries no credentials. */
export function plainUrl(value: unknown): URL | undefined {
  if (typeof value !== 'string' || !PLAIN.test(value)) return undefined;
  const url = parsed(value);
  return url?.username === '' && url.password === '' ? url : undefined;
}

/**
 * The host that a URL leads to, if it is one of the public internet by its name and is reached over TLS. Which addresses
 * it has is still to be looked at.
 */
export function publicHost(url: URL): string | undefined {
  // The parser has written odd spellings of IPv4 addresses in the usual way.
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const known = isIP(host) === 0 ? PUBLIC_NAME.test(host) : isPublicAddress(host);
  return url.protocol === 'https:' && known ? host : undefined;
}

function parsed(value: string): URL | undefined {
  try {
    return new URL(value);
  } catch {
    return undefined;
  }
}
