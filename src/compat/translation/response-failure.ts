import {
  ABOUT_THE_REQUEST,
  asFields,
  asText,
  GatewayError,
  has,
  OVERLOADED,
  QUOTA,
  type ErrorCode,
  type Fields,
  type TerminalKind,
} from '../../core/index.js';

const CONTEXT_WINDOW = /context[ _](window|length)/i;

/** What a failed response is to its client. @param json the terminal event, which has the provider's own words */
export function responseFailure(terminal: TerminalKind, json: unknown): GatewayError {
  const message = messageIn(asFields(json));
  const code = codeOf(terminal, message);
  return new GatewayError(code, MESSAGES[code], {
    ...(message === undefined ? {} : { upstreamMessage: message }),
    ...(terminal.errorCode === undefined ? {} : { upstreamCode: terminal.errorCode }),
    ...(terminal.status === undefined ? {} : { upstreamStatus: terminal.status }),
  });
}

const MESSAGES = {
  upstream_refused: 'The upstream refused the request.',
  upstream_rate_limited: 'The upstream is rate limited for a moment.',
  usage_limit_reached: 'All pooled accounts are at their usage limit.',
  server_is_overloaded: 'The upstream is overloaded.',
  upstream_response_failed: 'The upstream failed to complete the response.',
} as const satisfies Partial<Record<ErrorCode, string>>;

function codeOf({ errorCode, errorType, status }: TerminalKind, message = ''): keyof typeof MESSAGES {
  const words = [errorCode, errorType].filter((word) => word !== undefined);
  if (has(QUOTA, words)) return 'usage_limit_reached';
  if (status === 429 || words.includes('rate_limit_exceeded')) return 'upstream_rate_limited';
  if (has(OVERLOADED, words)) return 'server_is_overloaded';
  const isClients = has(ABOUT_THE_REQUEST, words) || CONTEXT_WINDOW.test(message);
  return isClients || (status !== undefined && status < 500) ? 'upstream_refused' : 'upstream_response_failed';
}

function messageIn(json: Fields | undefined): string | undefined {
  const errors = [asFields(asFields(json?.['response'])?.['error']), asFields(json?.['error']), json];
  return (
    errors.map((error) => asText(error?.['message'])).find((text) => text !== undefined) ?? asText(json?.['detail'])
  );
}
