import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.js';

/**
 * What has to be known of an upload URL before a client may be sent there: nothing more; which addresses its host has;
 * or that it is not to be followed.
 */
export type UploadTarget =
  | { readonly kind: 'trusted'; readonly url: URL }
  | { readonly kind: 'host'; readonly url: URL; readonly host: string }
  | { readonly kind: 'refused' };

const REFUSED: UploadTarget = { kind: 'refused' };
/** No space, no control character, no backslash: what one parser reads around, another takes for a part of the host. */
const PLAIN = /^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i;
/** A name with a dot: a bare one is looked up in our own domain. */
const PUBLIC_NAME = /^(?!.*\.localhost$)[^.]+(\.[^.]+)+$/;

/**
 * Where an upload URL of the upstream's leads.
 *
 * @param value          as the upstream sent it
 * @param upstreamOrigin the upstream's own: trusted as the upstream itself is, whatever its scheme and wherever it is
 */
export function uploadTarget(value: unknown, upstreamOrigin: string): UploadTarget {
  const url = parsed(value);
  if (url === undefined || url.username !== '' || url.password !== '') return REFUSED;
  if (url.origin === upstreamOrigin) return { kind: 'trusted', url };
  // The parser has written odd spellings of IPv4 addresses in the usual way.
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const known = isIP(host) === 0 ? PUBLIC_NAME.test(host) : isPublicAddress(host);
  return url.protocol === 'https:' && known ? { kind: 'host', url, host } : REFUSED;
}

/** Whether a client may be sent to a host with these addresses: every single one has to be public, whichever it takes. */
export const mayUploadTo = (addresses: readonly string[]): boolean =>
  addresses.length > 0 && addresses.every(isPublicAddress);

function parsed(value: unknown): URL | undefined {
  if (typeof value !== 'string' || !PLAIN.test(value)) return undefined;
  try {
    return new URL(value);
  } catch {
    return undefined;
  }
}
