import { plainUrl, publicHost } from '../platform/egress/index.js';

/**
 * What has to be known of an upload URL before a client may be sent there: nothing more; which addresses its host has;
 * or that it is not to be followed.
 */
export type UploadTarget =
  | { readonly kind: 'trusted'; readonly url: URL }
  | { readonly kind: 'host'; readonly url: URL; readonly host: string }
  | { readonly kind: 'refused' };

const REFUSED: UploadTarget = { kind: 'refused' };

/**
 * Where an upload URL of the upstream's leads.
 *
 * @param value          as the upstream sent it
 * @param upstreamOrigin the upstream's own: trusted as the upstream itself is, whatever its scheme and wherever it is
 */
export function uploadTarget(value: unknown, upstreamOrigin: string): UploadTarget {
  const url = plainUrl(value);
  if (url === undefined) return REFUSED;
  if (url.origin === upstreamOrigin) return { kind: 'trusted', url };
  const host = publicHost(url);
  return host === undefined ? REFUSED : { kind: 'host', url, host };
}
