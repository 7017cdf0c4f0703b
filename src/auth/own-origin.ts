import { GatewayError } from '../core/index.js';
import { PROBES, type IngressRequest, type IngressStep } from '../platform/http/index.js';
import { isLoopback } from './loopback.js';

/**
 * For a gateway that asks for no key: whoever can reach it may use it, and every web page that its user opens can.
 *
 * A page is recognised by its `Origin`, or by `Sec-Fetch-Site` where there is none; a page that made its own host name
 * point here (DNS rebinding) by the `Host` that it asks for. Pages that this machine serves are its user's own.
 *
 * @param anyHost somebody wants it to be reached under names that we do not know
 */
export const ownOriginStep =
  (anyHost: boolean): IngressStep =>
  ({ path, headers }) => {
    if (PROBES.includes(path)) return undefined;
    if ((anyHost || isOwnHost(headers.host)) && isOwnPage(headers)) return undefined;
    const message =
      'Without a key this gateway only serves programs and pages of this machine; start it with --api-key.';
    throw new GatewayError('foreign_origin', message);
  };

function isOwnHost(host: string | undefined): boolean {
  // No browser leaves it out.
  return host === undefined || isLoopback(hostnameOf(`http://${host}`));
}

function isOwnPage(headers: IngressRequest['headers']): boolean {
  if (headers['sec-fetch-site'] === 'cross-site') return false;
  const { origin } = headers;
  return origin === undefined || isLoopback(hostnameOf(origin));
}

/** `''` for what is no page's address, such as the origin `null`. */
function hostnameOf(url: string): string {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return '';
  return new URL(url).hostname;
}
