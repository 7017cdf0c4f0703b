import { ERRORS, GatewayError, type ErrorCode } from '../../core/index.js';
import { errorFrame } from './error-frame.js';

const frameOf = (error: GatewayError): Record<string, unknown> =>
  JSON.parse(errorFrame(error, 0)) as Record<string, unknown>;
const relayed = (body: string) =>
  new GatewayError('upstream_refused', 'm', {
    relay: { status: 422, contentType: 'application/json', body: Buffer.from(body) },
  });

describe('an error frame', () => {
  it.each(Object.keys(ERRORS) as ErrorCode[])('has a status and an error at the top: %s', (code) => {
    const frame = frameOf(new GatewayError(code, 'm'));
    expect(frame).toMatchObject({
      type: 'error',
      status: expect.any(Number) as number,
      error: { message: expect.any(String) as string, type: expect.any(String) as string },
    });
    expect(frame['status']).toBeGreaterThanOrEqual(400);
  });

  it('tells a usage limit as HTTP does, with the time of its end and without a plan', () => {
    const error = new GatewayError('usage_limit_reached', 'All spent.', { resetsAtMs: 60_000 });
    expect(frameOf(error)).toEqual({
      type: 'error',
      status: 429,
      error: {
        type: 'usage_limit_reached',
        code: 'usage_limit_reached',
        message: 'All spent.',
        param: null,
        resets_at: 60,
        resets_in_seconds: 60,
      },
    });
  });

  it('says how long to wait only when that is short', () => {
    const waiting = (retryAfterMs: number) => frameOf(new GatewayError('server_is_overloaded', 'm', { retryAfterMs }));
    expect(waiting(1_500)['headers']).toEqual({ 'retry-after': '2' });
    expect(waiting(60_000)).not.toHaveProperty('headers');
  });

  it.each(['stream_interrupted', 'stream_idle_timeout'] as const)(
    'has the client open a new websocket on %s',
    (code) => {
      expect(frameOf(new GatewayError(code, 'm'))).toMatchObject({
        status: 400,
        error: { code: 'websocket_connection_limit_reached' },
      });
    },
  );

  it('gives the upstream’s own error object with its own status', () => {
    const error = { message: 'Too long.', code: 'context_length_exceeded', extra: [1] };
    expect(frameOf(relayed(JSON.stringify({ error })))).toEqual({ type: 'error', status: 422, error });
    expect(frameOf(relayed('{"detail":"Not that."}'))).toMatchObject({ status: 422, error: { message: 'Not that.' } });
    expect(frameOf(relayed('<html>'))).toMatchObject({ status: 422, error: { code: 'upstream_refused' } });
  });
});
