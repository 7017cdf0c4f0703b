import { GatewayError, type ErrorCode, type ErrorDetail } from '../../core/index.js';
import { anthropicDialect } from './dialect.js';

const rendered = (code: ErrorCode, detail?: ErrorDetail, requestId?: string) =>
  anthropicDialect.renderError(new GatewayError(code, 'Why.', detail), 0, requestId);

describe('anthropicDialect', () => {
  it.each<[ErrorCode, number, string]>([
    ['invalid_request', 400, 'invalid_request_error'],
    ['api_key_missing', 401, 'authentication_error'],
    ['api_key_disabled', 401, 'authentication_error'],
    ['model_not_allowed', 403, 'permission_error'],
    ['v1_compatibility_disabled', 403, 'permission_error'],
    ['model_not_found', 404, 'not_found_error'],
    ['unsupported_endpoint', 404, 'not_found_error'],
    ['decompressed_request_too_large', 413, 'request_too_large'],
    ['unsupported_media_type', 415, 'invalid_request_error'],
    ['usage_limit_reached', 429, 'rate_limit_error'],
    ['upstream_rate_limited', 429, 'rate_limit_error'],
    ['internal', 500, 'api_error'],
    ['upstream_error', 502, 'api_error'],
    ['no_eligible_backend', 503, 'api_error'],
    ['upstream_timeout', 504, 'api_error'],
    ['server_is_overloaded', 529, 'overloaded_error'],
  ])('tells %s as %i %s', (code, status, type) => {
    expect(rendered(code)).toMatchObject({ status, body: { type: 'error', error: { type, message: 'Why.' } } });
  });

  it('names the request in the body and in the header that SDKs read', () => {
    expect(rendered('internal', {}, 'req_1')).toMatchObject({
      headers: { 'request-id': 'req_1' },
      body: { request_id: 'req_1' },
    });
    expect(rendered('internal').body).not.toHaveProperty('request_id');
  });

  it("speaks in the provider's words, without what is secret, where they are about the request", () => {
    const upstreamMessage = 'Invalid value: Bearer abcdefgh';
    expect(rendered('upstream_refused', { upstreamStatus: 422, upstreamMessage })).toMatchObject({
      status: 422,
      body: { error: { type: 'invalid_request_error', message: 'Invalid value: ***' } },
    });
  });

  it('says that the prompt is too long in the words that Claude Code folds its conversation at', () => {
    const upstreamMessage = 'Your input exceeds the context window of this model.';
    const detail = { upstreamCode: 'context_length_exceeded', upstreamMessage };
    expect(rendered('upstream_refused', detail)).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', message: `prompt is too long: ${upstreamMessage}` } },
    });
  });

  it('asks SDKs not to try again before the quota is back', () => {
    expect(rendered('usage_limit_reached').headers).toMatchObject({ 'x-should-retry': 'false' });
    expect(rendered('upstream_rate_limited').headers).not.toHaveProperty('x-should-retry');
  });

  it('ends a stream with one error event', () => {
    expect(anthropicDialect.renderStreamError(new GatewayError('server_is_overloaded', 'Why.'))).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Why."}}\n\n',
    );
  });
});
