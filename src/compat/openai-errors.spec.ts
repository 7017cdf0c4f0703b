import { ERRORS, GatewayError, type ErrorCode, type ErrorDetail } from '../core/index.js';
import { openaiDialect } from './openai-errors.js';

const NOW = 1_790_000_000_000;
const rendered = (code: ErrorCode, detail: ErrorDetail = {}) =>
  openaiDialect.renderError(new GatewayError(code, 'Our words.', detail), NOW);
const relay = (status: number, body: unknown) => ({
  status,
  contentType: 'application/json',
  body: Buffer.from(JSON.stringify(body)),
});

describe('an error as OpenAI clients read it', () => {
  it.each(Object.keys(ERRORS) as ErrorCode[])('%s has four keys and a status of its own', (code) => {
    const { status, body } = rendered(code);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).toEqual({
      error: expect.objectContaining({
        message: 'Our words.',
        type: expect.any(String),
        code: expect.any(String),
        param: null,
      }),
    });
  });

  it('names the field at fault', () => {
    expect(rendered('invalid_request', { param: 'model' })).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', code: 'invalid_request', param: 'model' } },
    });
  });

  it('says that a model is not found where nobody lists it (C12)', () => {
    expect(rendered('invalid_model', { param: 'model', unlisted: true })).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', code: 'model_not_found', param: 'model' } },
    });
    expect(rendered('invalid_model', { param: 'model' })).toMatchObject({ body: { error: { code: 'invalid_model' } } });
  });

  it('calls a missing and an unknown key the same (C23)', () => {
    expect(rendered('api_key_missing')).toMatchObject({ status: 401, body: { error: { code: 'invalid_api_key' } } });
  });

  it('says when the quota is back, and whose it is not (OD-1)', () => {
    const { status, body } = rendered('usage_limit_reached', { resetsAtMs: NOW + 90_000 });
    expect([status, body]).toEqual([
      429,
      {
        error: {
          type: 'usage_limit_reached',
          code: 'quota_exhausted',
          message: 'Our words.',
          param: null,
          resets_at: NOW / 1000 + 90,
          resets_in_seconds: 90,
        },
      },
    ]);
  });

  it('passes on what the upstream says of the request: status, code, param and redacted words (C24, N8)', () => {
    const error = { message: 'bad thing, token=tok_1234567', type: 'x', code: 'unsupported_value', param: 'thing' };
    expect(rendered('upstream_refused', { relay: relay(422, { error }) })).toEqual({
      status: 422,
      headers: { 'x-pooler-error-source': 'upstream' },
      body: {
        error: {
          message: 'bad thing, token=***',
          type: 'invalid_request_error',
          code: 'unsupported_value',
          param: 'thing',
        },
      },
    });
  });

  it('reads the other form of the backend as well', () => {
    expect(rendered('upstream_refused', { relay: relay(400, { detail: 'Unsupported parameter: x' }) })).toMatchObject({
      body: { error: { message: 'Unsupported parameter: x', code: 'upstream_refused' } },
    });
  });

  it('keeps what the upstream says of an account to itself', () => {
    const error = { message: 'plan of a.b@example.org has ended', code: 'insufficient_quota' };
    const { body } = rendered('upstream_account_rejected', { relay: relay(403, { error }) });
    expect(JSON.stringify(body)).not.toContain('plan of');
  });

  it('tells a short wait only (decisions §3)', () => {
    expect(rendered('upstream_rate_limited', { retryAfterMs: 1_500 }).headers).toHaveProperty('retry-after', '2');
    expect(rendered('upstream_rate_limited', { retryAfterMs: 60_000 }).headers).not.toHaveProperty('retry-after');
  });
});
