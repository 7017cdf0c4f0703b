import { GatewayError, type Dialect, type ErrorCode, type ErrorDetail } from '../core/index.js';
import { anthropicDialect } from './anthropic-messages/dialect.js';
import { codexDialect } from './codex-backend/dialect.js';
import { errorFrame } from './codex-backend/error-frame.js';
import { chatDialect, nativeChatDialect } from './openai-chat/dialect.js';
import { openaiDialect } from './openai-errors.js';
import { responsesDialect } from './openai-responses/dialect.js';
import { errorFrame as publicErrorFrame } from './openai-responses/encode-turn.js';

const NOW = 1_800_000_000_000;
const LIMIT = 'api_key_policy_limit_exceeded';
const message = 'Why.';
const rendered = (dialect: Dialect, code: ErrorCode, detail: ErrorDetail = {}) =>
  dialect.renderError(new GatewayError(code, message, detail), NOW);

const WINDOW = { param: 'usd_per_day', resetsAtMs: NOW + 7_200_000 };
const RATE = { param: 'requests_per_minute', retryAfterMs: 41_200 };
const CALL = { param: 'max_input_tokens' };
const RESETS = { resets_at: (NOW + 7_200_000) / 1000, resets_in_seconds: 7_200 };

describe('a limit of a key', () => {
  it.each([
    ['a budget that is spent', WINDOW, 'usage_limit_reached', RESETS, undefined],
    ['too many requests', RATE, 'rate_limit_exceeded', {}, '42'],
    ['one call that is too large', CALL, 'invalid_request_error', {}, undefined],
  ])('is told to a Codex CLI, of %s', (_, detail, type, more, wait) => {
    const { status, headers, body } = rendered(codexDialect, LIMIT, detail);
    const error = { type, code: LIMIT, message, param: detail.param, ...more };
    expect([status, body, headers['retry-after']]).toEqual([429, { error }, wait]);
    expect(JSON.parse(errorFrame(new GatewayError(LIMIT, message, detail), NOW))).toEqual({
      type: 'error',
      status: 429,
      error,
      ...(wait === undefined ? {} : { headers: { 'retry-after': wait } }),
    });
  });

  describe.each([
    ['OpenAI', openaiDialect],
    ['chat', chatDialect],
    ['responses', responsesDialect],
  ])('is told to %s clients', (_, dialect) => {
    it.each([
      ['a budget that is spent', WINDOW, 'usage_limit_reached', RESETS, undefined, 'false'],
      ['too many requests', RATE, 'rate_limit_error', {}, '42', undefined],
      ['one call that is too large', CALL, 'invalid_request_error', {}, undefined, 'false'],
    ])('of %s', (__, detail, type, more, wait, again) => {
      const { status, headers, body } = rendered(dialect, LIMIT, detail);
      const error = { message, type, code: LIMIT, param: detail.param, ...more };
      expect([status, body]).toEqual([429, { error }]);
      expect([headers['retry-after'], headers['x-should-retry']]).toEqual([wait, again]);
    });
  });

  it.each([
    [WINDOW, undefined, 'false'],
    [RATE, '42', undefined],
    [CALL, undefined, 'false'],
  ])('is told to Anthropic clients: %j', (detail, wait, again) => {
    const { status, headers, body } = rendered(anthropicDialect, LIMIT, detail);
    expect([status, body]).toEqual([429, { type: 'error', error: { type: 'rate_limit_error', message } }]);
    expect([headers['retry-after'], headers['x-should-retry']]).toEqual([wait, again]);
  });

  it('is told to OpenAI clients on a websocket', () => {
    const frame: unknown = JSON.parse(publicErrorFrame(new GatewayError(LIMIT, message, WINDOW), {}, NOW));
    const error = { message, type: 'usage_limit_reached', code: LIMIT, param: 'usd_per_day', ...RESETS };
    expect(frame).toEqual({ type: 'error', status: 429, error });
  });

  it('keeps nobody waiting for longer than a minute', () => {
    const long = { ...RATE, retryAfterMs: 60_001 };
    for (const dialect of [codexDialect, openaiDialect, anthropicDialect]) {
      expect(rendered(dialect, LIMIT, long).headers['retry-after']).toBeUndefined();
    }
  });
});

describe('a reasoning effort that a key may not ask for', () => {
  const CODE = 'reasoning_effort_not_allowed';
  it.each([
    ['a Codex CLI', codexDialect, 'reasoning.effort'],
    ['Responses clients', responsesDialect, 'reasoning.effort'],
    ['chat clients', chatDialect, 'reasoning_effort'],
    ['chat clients on the native path', nativeChatDialect, 'reasoning_effort'],
  ])('is told to %s by their own name for it', (_, dialect, param) => {
    const { status, body } = rendered(dialect, CODE, { param: 'reasoning.effort' });
    const error = { message, type: 'invalid_request_error', code: CODE, param };
    expect([status, body]).toEqual([400, { error }]);
  });

  it('is told to Anthropic clients in words', () => {
    const { status, body } = rendered(anthropicDialect, CODE, { param: 'reasoning.effort' });
    expect([status, body]).toEqual([400, { type: 'error', error: { type: 'invalid_request_error', message } }]);
  });
});

describe('an address from which a key may not be used', () => {
  const CODE = 'address_not_allowed';
  it.each([codexDialect, openaiDialect, chatDialect, responsesDialect])('is told by code: %#', (dialect) => {
    const { status, body } = rendered(dialect, CODE);
    const error = { message, type: 'invalid_request_error', code: CODE, param: null };
    expect([status, body]).toEqual([403, { error }]);
  });

  it('is told to Anthropic clients as a matter of permission', () => {
    const { status, body } = rendered(anthropicDialect, CODE);
    expect([status, body]).toEqual([403, { type: 'error', error: { type: 'permission_error', message } }]);
  });
});
