import type { AccountAccess, RoutedCall } from '../../core/index.js';
import { USER_AGENT } from '../transport/identity.js';
import type { UpstreamRequest } from '../transport/upstream-request.js';
import { platformBody } from './body.js';

/** Of a client's headers the one that the Platform knows and that may be the client's to choose. */
const CLIENT_REQUEST_ID = 'x-client-request-id';
/** @see developers.openai.com, "Debugging requests": printable ASCII, at most 512 characters, else the call is refused */
const CLIENT_REQUEST_ID_FORM = /^[\x20-\x7e]{1,512}$/;

/**
 * A call as the Platform wants it. Nothing of a Codex client goes along that only its own backend understands: no
 * originator, no account, no turn metadata.
 */
export const responsesRequest = (baseUrl: string, access: AccountAccess, call: RoutedCall): UpstreamRequest => ({
  method: 'POST',
  ...endpoint(baseUrl, '/v1/responses'),
  headers: {
    ...clientRequestId(call.headers),
    ...traceContext(call.headers),
    ...own(access),
    accept: call.stream ? 'text/event-stream' : 'application/json',
    'content-type': 'application/json',
  },
  body: platformBody(call.body.bytes),
});

/** What the key may use. */
export const modelsRequest = (baseUrl: string, access: AccountAccess): UpstreamRequest => ({
  method: 'GET',
  ...endpoint(baseUrl, '/v1/models'),
  headers: { ...own(access), accept: 'application/json' },
});

/** @param baseUrl with or without a trailing `/v1`, as SDKs spell it */
function endpoint(baseUrl: string, path: string): { origin: string; path: string } {
  const base = new URL(baseUrl.replace(/\/+$/, '').replace(/\/v1$/, ''));
  return { origin: base.origin, path: `${base.pathname.replace(/\/+$/, '')}${path}` };
}

const own = ({ accessToken }: AccountAccess): Record<string, string> => ({
  'user-agent': USER_AGENT,
  authorization: `Bearer ${accessToken}`,
  'accept-encoding': 'identity',
});

function clientRequestId({ [CLIENT_REQUEST_ID]: id }: RoutedCall['headers']): Record<string, string> {
  return id !== undefined && CLIENT_REQUEST_ID_FORM.test(id) ? { [CLIENT_REQUEST_ID]: id } : {};
}

/** There where it may be told: no client's own gets as far as this. */
function traceContext({ traceparent, tracestate }: RoutedCall['headers']): Record<string, string> {
  return { ...(traceparent ? { traceparent } : {}), ...(tracestate ? { tracestate } : {}) };
}
