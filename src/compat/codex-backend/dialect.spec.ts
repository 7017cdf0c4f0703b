import { ERRORS, GatewayError, terminalOf, SseFramer, type ErrorCode } from '../../core/index.js';
import { codexDialect } from './dialect.js';

const NOW = 1_800_000_000_000;
const codes = Object.keys(ERRORS) as ErrorCode[];
const errorOf = (body: unknown) => (body as { error: Record<string, unknown> }).error;
const render = (code: ErrorCode, detail = {}) => codexDialect.renderError(new GatewayError(code, 'Text', detail), NOW);

describe('codex dialect', () => {
  it.each(codes)('renders %s before the first byte as a status and the envelope', (code) => {
    const rendered = render(code, { param: 'model' });
    expect(rendered.status).toBeGreaterThanOrEqual(400);
    expect(errorOf(rendered.body)).toMatchObject({
      message: 'Text',
      type: expect.any(String) as string,
      code: expect.any(String) as string,
    });
    expect(rendered.headers['x-pooler-error-source']).toBe('gateway');
  });

  it.each(codes)('renders %s after the first byte as a failed terminal event', (code) => {
    const frame = codexDialect.renderStreamError(new GatewayError(code, 'Text'));
    const event = new SseFramer().push(Buffer.from(frame))?.events[0];
    expect(event && terminalOf(event)).toMatchObject({ outcome: 'failed', errorCode: 'server_error' });
  });

  it.each(['usage_limit_reached', 'upstream_quota_exhausted'] as const)(
    'shows %s as a usage limit with its reset and without a plan',
    (code) => {
      const resetsAtMs = NOW + 3_600_000;
      const { status, body } = render(code, {
        resetsAtMs,
        relay: { status: 429, contentType: 'x', body: Buffer.of(1) },
      });
      expect(status).toBe(429);
      expect(errorOf(body)).toMatchObject({
        type: 'usage_limit_reached',
        resets_at: resetsAtMs / 1000,
        resets_in_seconds: 3_600,
      });
      expect(errorOf(body)).not.toHaveProperty('plan_type');
    },
  );

  it('relays what the upstream said about the request itself, byte for byte', () => {
    const relay = { status: 422, contentType: 'application/json', body: Buffer.from('{"detail":"no"}') };
    const { status, headers, body } = render('upstream_refused', { relay });
    expect([status, headers['content-type'], headers['x-pooler-error-source']]).toEqual([
      422,
      relay.contentType,
      'upstream',
    ]);
    expect(body).toBe(relay.body);
  });

  it('sends retry-after only when it is short, because Codex waits as long as it says', () => {
    expect(render('upstream_rate_limited', { retryAfterMs: 1_500 }).headers['retry-after']).toBe('2');
    expect(render('upstream_rate_limited', { retryAfterMs: 60_000 }).headers).not.toHaveProperty('retry-after');
  });
});
