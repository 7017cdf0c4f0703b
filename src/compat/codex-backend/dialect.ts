import { ERRORS, sseFrame, type Blame, type Dialect, type GatewayError, type RenderedError } from '../../core/index.js';
import { policyLimitOf, retryAfterOf } from '../policy-limit.js';
import { isPinned, RECOVERY, recoveryHeaders } from '../recovery.js';

/** Codex waits as long as `retry-after` says, without telling its user, so only a short one is sent. */
const MAX_RETRY_AFTER_MS = 5_000;

const TYPE: Record<Blame, string> = {
  client: 'invalid_request_error',
  limits: 'invalid_request_error',
  pool: 'server_error',
  account: 'server_error',
  upstream: 'server_error',
  gateway: 'server_error',
};

const seconds = (ms: number): number => Math.ceil(ms / 1000);

function headersOf(error: GatewayError): Record<string, string> {
  const { detail } = error;
  return {
    ...recoveryHeaders(error),
    'x-pooler-error-source': detail.relay ? 'upstream' : 'gateway',
    ...retryAfterOf(error, MAX_RETRY_AFTER_MS),
  };
}

/**
 * The one form in which Codex shows a usage limit: HTTP 429 with this `type` before the stream starts. No `plan_type`:
 * its texts talk of the user's own plan. Source: codex-cli-wire §6.
 */
function usageLimitBody(error: GatewayError, nowMs: number): object {
  const { resetsAtMs, param } = error.detail;
  const own = policyLimitOf(error) === 'window';
  return {
    error: {
      type: 'usage_limit_reached',
      code: own ? error.code : 'usage_limit_reached',
      message: error.message,
      param: (own ? param : undefined) ?? null,
      ...(resetsAtMs === undefined
        ? {}
        : { resets_at: seconds(resetsAtMs), resets_in_seconds: Math.max(0, seconds(resetsAtMs - nowMs)) }),
    },
  };
}

function bodyOf(error: GatewayError): object {
  const { code, message, detail } = error;
  if (code === 'upstream_rate_limited') {
    return { error: { message, type: 'rate_limit_exceeded', code: 'rate_limit_exceeded', param: null } };
  }
  if (policyLimitOf(error) === 'rate' || code === 'too_many_failed_credentials') {
    return { error: { message, type: 'rate_limit_exceeded', code, param: detail.param ?? null } };
  }
  if (isPinned(error)) {
    return { error: { message, type: TYPE.client, code, param: detail.param ?? null, ...RECOVERY } };
  }
  return { error: { message, type: TYPE[ERRORS[code].blame], code, param: detail.param ?? null } };
}

const isUsageLimit = (error: GatewayError): boolean =>
  error.code === 'usage_limit_reached' ||
  error.code === 'upstream_quota_exhausted' ||
  policyLimitOf(error) === 'window';

/** The upstream's own words go to the client only where they are about its request, or where nobody did better. */
const relayed = (error: GatewayError): boolean =>
  error.detail.relay !== undefined && !isUsageLimit(error) && error.code !== 'upstream_rate_limited';

/**
 * How a Codex client learns of a failure.
 *
 * After the first byte it only understands `response.failed`; an `error` event is ignored until its idle time-out. The
 * code is always `server_error`, because Codex repeats the turn on that one and gives up on most others.
 * Source: codex-cli-wire §6.1.
 */
export const codexDialect: Dialect = {
  name: 'codex-backend',

  renderError(error: GatewayError, nowMs: number): RenderedError {
    const { relay } = error.detail;
    const headers = headersOf(error);
    if (relay && relayed(error)) {
      const { status, contentType, body } = relay;
      return { status, headers: { ...relay.headers, ...headers, 'content-type': contentType }, body };
    }
    headers['x-pooler-error-source'] = 'gateway';
    if (isUsageLimit(error)) return { status: 429, headers, body: usageLimitBody(error, nowMs) };
    return { status: error.status, headers, body: bodyOf(error) };
  },

  renderStreamError(error: GatewayError): string {
    const failed = failedEvent(`resp_gateway_${error.code}`, 'server_error', error.message);
    return sseFrame(failed.type, failed);
  },
};

/** `response.failed` in the form that Codex reads: the error inside the response. */
export const failedEvent = (responseId: string, code: string, message: string) => ({
  type: 'response.failed',
  response: { id: responseId, object: 'response', status: 'failed', error: { code, message } },
});
