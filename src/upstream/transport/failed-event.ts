import { GatewayError, terminalOf, type ResponseEvent, has, OVERLOADED, QUOTA } from '../../core/index.js';
import { MODEL_MISSING, UNAUTHORIZED } from './codes.js';
import { failureIn, type FailureManners } from './failure.js';
import { providerError, type ProviderError } from './provider-error.js';
import type { ReceivedHeaders } from './received-headers.js';

/**
 * What a failed terminal event means when it is the first thing the upstream said: a failure that another account may
 * not have. `undefined` for every other event, and for a failure that belongs to the client.
 */
export function failureInEvent(event: ResponseEvent, nowMs: number, manners: FailureManners): GatewayError | undefined {
  const terminal = terminalOf(event);
  if (terminal?.outcome !== 'failed') return undefined;
  const json = event.json();
  const error = providerError(json);
  // About the connection, whatever its status says about the request.
  if (error.tokens.includes('websocket_connection_limit_reached')) return interrupted(error);
  const status = terminal.status ?? (has(UNAUTHORIZED, error.tokens) ? 401 : undefined);
  return status === undefined ? failureInStream(error, nowMs, manners) : wrapped(status, json, nowMs, manners);
}

/** `{"type":"error","status":429,"error":{…},"headers":{…}}`: an HTTP answer inside a stream, or a websocket's only way to give one. */
function wrapped(status: number, json: unknown, nowMs: number, manners: FailureManners): GatewayError | undefined {
  const body = Buffer.from(JSON.stringify(json));
  const failure = failureIn({ status, headers: headersIn(json), body, cut: true }, nowMs, manners);
  return failure.failover ? failure : undefined;
}

function failureInStream(error: ProviderError, nowMs: number, manners: FailureManners): GatewayError | undefined {
  const { tokens } = error;
  const detail = detailOf(error);
  if (has(QUOTA, tokens) || tokens.includes('rate_limit_exceeded')) return manners.limit(error, {}, nowMs, detail);
  if (has(OVERLOADED, tokens)) {
    return new GatewayError('server_is_overloaded', 'The upstream is overloaded.', detail);
  }
  if (has(MODEL_MISSING, tokens)) {
    return new GatewayError('upstream_model_unavailable', 'The upstream account does not serve this model.', detail);
  }
  if (tokens.includes('upstream_request_timeout')) {
    return new GatewayError('upstream_timeout', 'The upstream did not answer in time.', detail);
  }
  if (tokens.includes('stream_incomplete')) return interrupted(error);
  // `server_error` is also the type of failures whose code says more; only alone does it mean a failed server.
  if (error.code === 'server_error') {
    return new GatewayError('upstream_error', 'The upstream failed to serve the request.', detail);
  }
  return undefined;
}

const interrupted = (error: ProviderError): GatewayError =>
  new GatewayError('stream_interrupted', 'The upstream stream broke off.', detailOf(error));

const detailOf = ({ code }: ProviderError): { readonly upstreamCode?: string } =>
  code === undefined ? {} : { upstreamCode: code };

function headersIn(json: unknown): ReceivedHeaders {
  const given = typeof json === 'object' && json !== null && 'headers' in json ? json.headers : undefined;
  if (typeof given !== 'object' || given === null) return {};
  const named = Object.entries(given).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  return Object.fromEntries(named.slice(0, 100));
}
