import { isOneOf, type Route } from '../../auth/index.js';
import { GatewayError } from '../../core/index.js';
import type { IngressStep } from '../../platform/http/index.js';

const ROOT = '/v1/';
/** Left after one decoding: whoever decodes once more must not see a step up, a separator or a line end. */
const STILL_ENCODED = /%(?:2e|2f|5c|25|[01][0-9a-f]|7f)/i;
const CONTROL = /[\p{Cc}\\]/u;

/**
 * What a request below `/v1` asks for, segment by segment; empty ones and `.` are left out. Source: seed-features P3.
 *
 * @param path decoded once
 * @throws GatewayError `invalid_request` for a path that could lead anywhere else, or nowhere
 */
function segmentsOf(path: string): readonly string[] {
  const all = path.slice(ROOT.length).split('/');
  const named = all.filter((segment) => segment !== '' && segment !== '.');
  if (named.length > 0 && !named.some(leadsAway)) return named;
  throw new GatewayError('invalid_request', 'The path of the request is not valid.');
}

const leadsAway = (segment: string): boolean =>
  segment === '..' || STILL_ENCODED.test(segment) || CONTROL.test(segment);

/** The path below the upstream's Codex base, each segment encoded anew. @throws GatewayError as `relayPathStep` does */
export const relayPath = (path: string): string =>
  segmentsOf(path)
    .map((segment) => `/${encodeURIComponent(segment)}`)
    .join('');

/**
 * Before anybody's credentials are read: a path that no relay may follow is refused, and so is a roundabout spelling of
 * a route that is our own (T19).
 *
 * @param served the routes below `/v1` that are never relayed
 */
export const relayPathStep =
  (served: readonly Route[]): IngressStep =>
  ({ method, path }) => {
    if (!path.startsWith(ROOT)) return undefined;
    const plain = ROOT + segmentsOf(path).join('/');
    if (plain === path || !isOneOf(served, { method, path: plain })) return undefined;
    throw new GatewayError('invalid_request', 'The path of the request is not valid.');
  };
