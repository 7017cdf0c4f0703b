import {
  GatewayError,
  type ErrorCode,
  type ErrorDetail,
  type RelayedAnswer,
  ABOUT_THE_REQUEST,
  has,
  OVERLOADED,
} from '../../core/index.js';
import { ACCOUNT_GONE, MODEL_MISSING } from './codes.js';
import { providerError, type ProviderError } from './provider-error.js';
import { header, type ReceivedHeaders } from './received-headers.js';

/** An answer that is not 2xx. */
export interface FailedAnswer {
  readonly status: number;
  readonly headers: ReceivedHeaders;
  /** At most `MAX_FAILURE_BYTES`. */
  readonly body: Buffer;
  /** There was more than that: such a body is read for codes if it can be, but never relayed. */
  readonly cut?: boolean;
  /** The call's answers need not be JSON, and so neither its failures. */
  readonly anyForm?: boolean;
}

/** What is an upstream's own about its failures; the codes are the provider's, and the same everywhere. */
export interface FailureManners {
  /** What a 429, or the same in a stream, means; `detail` is what is known of it already. */
  limit(error: ProviderError, headers: ReceivedHeaders, nowMs: number, detail: ErrorDetail): GatewayError;
  /** Of its headers those that a client may see. */
  visible(headers: ReceivedHeaders): Record<string, string>;
}

/** How a kind reads an error answer. */
export type ReadFailure = (answer: FailedAnswer, nowMs: number) => GatewayError;

/** How much of an error answer is kept. */
export const MAX_FAILURE_BYTES = 64 * 1024;

/** How long an account that was refused as such sits out, unless its credentials change before. */
const REFUSED_COOLDOWN_MS = 60_000;
const UNAUTHORIZED_COOLDOWN_MS = 300_000;

const MESSAGES = {
  upstream_account_rejected: 'The upstream refused the account.',
  upstream_error: 'The upstream failed to serve the request.',
  upstream_model_unavailable: 'The upstream account does not serve this model.',
  upstream_refused: 'The upstream refused the request.',
  server_is_overloaded: 'The upstream is overloaded.',
} as const satisfies Partial<Record<ErrorCode, string>>;

/**
 * What an error answer of the provider means.
 *
 * A 401 is `upstream_account_rejected` with `upstreamStatus` 401: worth one token refresh. Bodies that are JSON go along
 * in `relay`, so that the last failure can reach a native client as it came.
 *
 * @param nowMs Unix time in milliseconds
 */
export function failureIn(answer: FailedAnswer, nowMs: number, manners: FailureManners): GatewayError {
  const error = providerError(jsonOf(answer));
  const relay = relayOf(answer, manners);
  const detail: ErrorDetail = {
    upstreamStatus: answer.status,
    ...(error.code === undefined ? {} : { upstreamCode: error.code }),
    ...(relay === undefined ? {} : { relay }),
  };
  const code = codeOf(answer, error);
  if (code === 'limit') return manners.limit(error, answer.headers, nowMs, detail);
  return new GatewayError(code, MESSAGES[code], { ...detail, ...cooldownOf(code, answer.status) });
}

function codeOf(answer: FailedAnswer, error: ProviderError): keyof typeof MESSAGES | 'limit' {
  const { status } = answer;
  if (status === 429) return 'limit';
  if (status >= 500) return status === 529 || has(OVERLOADED, error.tokens) ? 'server_is_overloaded' : 'upstream_error';
  // We follow no redirects: where it would lead, our credentials do not belong.
  if (status < 400) return 'upstream_error';
  if (status === 401) return 'upstream_account_rejected';
  if (has(ACCOUNT_GONE, error.tokens) && status <= 403) return 'upstream_account_rejected';
  if (status === 403) return forbidden(answer, error);
  return isModelMissing(status, error) ? 'upstream_model_unavailable' : 'upstream_refused';
}

/** An HTML 403 is the provider's edge (Cloudflare) refusing us, not the backend refusing the account. */
function forbidden(answer: FailedAnswer, error: ProviderError): keyof typeof MESSAGES {
  if (has(MODEL_MISSING, error.tokens)) return 'upstream_model_unavailable';
  if (isHtml(answer) || error.tokens.includes('unsupported_country_region_territory')) return 'upstream_error';
  return has(ABOUT_THE_REQUEST, error.tokens) ? 'upstream_refused' : 'upstream_account_rejected';
}

function isModelMissing(status: number, error: ProviderError): boolean {
  if (status !== 404 && status !== 400) return false;
  if (has(MODEL_MISSING, error.tokens)) return true;
  return status === 404 && error.tokens.includes('invalid_request_error') && error.param === 'model';
}

function cooldownOf(code: ErrorCode, status: number): ErrorDetail {
  if (code !== 'upstream_account_rejected') return {};
  return { cooldownMs: status === 401 ? UNAUTHORIZED_COOLDOWN_MS : REFUSED_COOLDOWN_MS };
}

function relayOf(answer: FailedAnswer, manners: FailureManners): RelayedAnswer | undefined {
  const { status, body } = answer;
  if (answer.cut === true || status < 400 || isHtml(answer)) return undefined;
  // A client's own 4xx goes back whatever it is; what else fails is worth showing only when it is the API that speaks.
  const refusal = status < 500 && status !== 429 && status !== 404;
  if (!refusal && answer.anyForm !== true && jsonOf(answer) === undefined) return undefined;
  const contentType = header(answer.headers, 'content-type') ?? 'application/json';
  return { status, contentType, headers: manners.visible(answer.headers), body };
}

function isHtml({ headers, body }: FailedAnswer): boolean {
  if (header(headers, 'content-type')?.toLowerCase().includes('html') === true) return true;
  return /^\s*</.test(body.toString('latin1', 0, 64));
}

function jsonOf({ body }: FailedAnswer): unknown {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'));
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}
