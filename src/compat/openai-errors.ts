import {
  asFields,
  asText,
  ERRORS,
  type Dialect,
  type ErrorCode,
  type ErrorDetail,
  type Fields,
  type GatewayError,
  type RelayedAnswer,
  type RenderedError,
} from '../core/index.js';
import { policyLimitOf, retryAfterOf } from './policy-limit.js';
import { isPinned, recoveryHeaders } from './recovery.js';
import { providerWords } from './translation/provider-words.js';

/** Clients wait as long as `retry-after` says, so only a short one is sent. */
const MAX_RETRY_AFTER_MS = 5_000;

/** What a client must not tell apart: no key, a malformed one, an unknown one. Source: seed-features C23. */
const WIRE_CODE: Partial<Record<ErrorCode, string>> = {
  api_key_missing: 'invalid_api_key',
  upstream_quota_exhausted: 'quota_exhausted',
  usage_limit_reached: 'quota_exhausted',
  upstream_rate_limited: 'rate_limit_exceeded',
  upstream_response_failed: 'server_error',
  stream_interrupted: 'server_error',
  internal: 'server_error',
};

/** A model that nobody lists has OpenAI's own code. Source: seed-features C12. */
const wireCode = ({ code, detail }: GatewayError): string =>
  detail.unlisted === true ? 'model_not_found' : (WIRE_CODE[code] ?? code);

const seconds = (ms: number): number => Math.ceil(ms / 1000);

const isUsageLimit = (error: GatewayError): boolean =>
  error.code === 'usage_limit_reached' ||
  error.code === 'upstream_quota_exhausted' ||
  policyLimitOf(error) === 'window';

const isRate = (error: GatewayError): boolean =>
  error.code === 'upstream_rate_limited' ||
  error.code === 'too_many_failed_credentials' ||
  policyLimitOf(error) === 'rate';

/**
 * What went wrong, in OpenAI's form: the object under `error`.
 *
 * @param nowMs Unix time in milliseconds; without it nothing is said of waits
 */
export function openaiError(error: GatewayError, nowMs?: number): Fields {
  const provider = providerError(error);
  return {
    message: provider?.message ?? error.message,
    type: typeOf(error),
    code: provider?.code ?? upstreamCode(error) ?? wireCode(error),
    param: error.detail.param ?? provider?.param ?? null,
    ...(isUsageLimit(error) ? resetsAt(error, nowMs) : {}),
  };
}

/** The status that goes with it: of a request that the upstream refused, the upstream's own. */
export function openaiStatus(error: GatewayError): number {
  const { relay, upstreamStatus } = error.detail;
  if (error.code === 'websocket_upgrade_required') return 426;
  if (error.code !== 'upstream_refused') return isUsageLimit(error) ? 429 : error.status;
  const status = relay?.status ?? upstreamStatus ?? 400;
  return status >= 400 && status < 500 ? status : 400;
}

export function openaiHeaders(error: GatewayError): Record<string, string> {
  const { code } = error;
  const limit = policyLimitOf(error);
  return {
    'x-pooler-error-source':
      code === 'upstream_refused' || code === 'upstream_response_failed' ? 'upstream' : 'gateway',
    ...recoveryHeaders(error),
    // SDKs try a 503 again by themselves, and a 429: here that is in vain.
    ...(isPinned(error) || limit === 'window' || limit === 'call' ? { 'x-should-retry': 'false' } : {}),
    ...(code === 'websocket_upgrade_required' ? { upgrade: 'websocket' } : {}),
    ...retryAfterOf(error, MAX_RETRY_AFTER_MS),
  };
}

/** How OpenAI's own clients learn of a failure. A stream of a dialect has a form of its own. */
export const openaiDialect: Dialect = {
  name: 'openai',

  renderError(error: GatewayError, nowMs: number): RenderedError {
    return { status: openaiStatus(error), headers: openaiHeaders(error), body: { error: openaiError(error, nowMs) } };
  },

  renderStreamError(error: GatewayError): string {
    return `data: ${JSON.stringify({ error: openaiError(error) })}\n\n`;
  },
};

function typeOf(error: GatewayError): string {
  if (isUsageLimit(error)) return 'usage_limit_reached';
  if (isRate(error)) return 'rate_limit_error';
  if (isPinned(error)) return 'invalid_request_error';
  const { blame } = ERRORS[error.code];
  return blame === 'client' || blame === 'limits' ? 'invalid_request_error' : 'server_error';
}

function resetsAt({ detail: { resetsAtMs } }: GatewayError, nowMs: number | undefined): Fields {
  if (resetsAtMs === undefined || nowMs === undefined) return {};
  return { resets_at: seconds(resetsAtMs), resets_in_seconds: Math.max(0, seconds(resetsAtMs - nowMs)) };
}

interface ProviderError {
  readonly message: string;
  readonly code?: string;
  readonly param?: string;
}

/** The provider speaks to the client where it is about the client's request, or about the response that it made. */
export function providerError({ code, detail }: GatewayError): ProviderError | undefined {
  return isUpstreams(code) ? spoken(detail) : undefined;
}

const upstreamCode = ({ code, detail }: GatewayError): string | undefined =>
  isUpstreams(code) ? detail.upstreamCode : undefined;

const isUpstreams = (code: ErrorCode): boolean => code === 'upstream_refused' || code === 'upstream_response_failed';

function spoken(detail: ErrorDetail): ProviderError | undefined {
  if (detail.upstreamMessage !== undefined) return { message: providerWords(detail.upstreamMessage) };
  const body = detail.relay && jsonIn(detail.relay);
  const error = asFields(body?.['error']) ?? body;
  const message = asText(error?.['message']) ?? asText(body?.['detail']);
  if (message === undefined) return undefined;
  return { message: providerWords(message), ...safe('code', error?.['code']), ...safe('param', error?.['param']) };
}

const SAFE = /^[A-Za-z0-9_.[\]-]{1,80}$/;

const safe = (name: 'code' | 'param', value: unknown): Partial<ProviderError> =>
  typeof value === 'string' && SAFE.test(value) ? { [name]: value } : {};

function jsonIn({ body }: RelayedAnswer): Fields | undefined {
  try {
    return asFields(JSON.parse(body.toString('utf8')));
  } catch {
    return undefined;
  }
}
