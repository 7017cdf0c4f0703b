import { ERRORS, GatewayError, type ErrorCode, type ErrorDetail } from '../../core/index.js';
import { effectOf, EFFECTS, isUpstreams, type Effect } from './effect.js';

const codes = Object.keys(ERRORS) as ErrorCode[];
const error = (code: ErrorCode, detail: ErrorDetail = {}) => new GatewayError(code, 'm', detail);
const isTheirs = (code: ErrorCode) => ['account', 'upstream'].includes(ERRORS[code].blame);

describe('what a failure says of an account', () => {
  it('is written down for every code that an account or its upstream is to blame for, and for no other', () => {
    expect(Object.keys(EFFECTS).sort()).toEqual(codes.filter(isTheirs).sort());
  });

  it.each(codes.filter((code) => !isTheirs(code)))('is nothing after %s (pain 13)', (code) => {
    expect(effectOf(error(code))).toBe('none');
    expect(isUpstreams(error(code))).toBe(false);
  });

  it.each<[string, ErrorCode, ErrorDetail, Effect]>([
    ['a refused login', 'upstream_account_rejected', { upstreamStatus: 401, cooldownMs: 300_000 }, 'account'],
    ['a spent quota', 'upstream_quota_exhausted', { resetsAtMs: 1 }, 'account'],
    ['a spent meter of one model', 'upstream_quota_exhausted', { cooldownMs: 0 }, 'none'],
    ['a burst', 'upstream_rate_limited', { cooldownMs: 5_000 }, 'account'],
    ['a model that was promised', 'upstream_model_unavailable', { upstreamStatus: 404 }, 'lane_at_once'],
    ['overload', 'server_is_overloaded', { upstreamStatus: 529 }, 'service'],
    ['an answer of 500', 'upstream_error', { upstreamStatus: 500 }, 'lane'],
    ['an answer of 503', 'upstream_error', { upstreamStatus: 503 }, 'lane'],
    ['`server_error` in a stream', 'upstream_error', { upstreamCode: 'server_error' }, 'none'],
    ['a page of the provider’s edge', 'upstream_error', { upstreamStatus: 403 }, 'none'],
    ['a redirect', 'upstream_error', { upstreamStatus: 302 }, 'none'],
    ['a path that a client chose', 'upstream_error', { upstreamStatus: 500, cooldownMs: 0 }, 'none'],
    ['a timeout', 'upstream_timeout', {}, 'lane'],
    ['a broken connection', 'upstream_request_failed', {}, 'lane'],
    ['no connection at all', 'upstream_request_failed', { unsent: true }, 'service'],
    ['no connection in time', 'upstream_timeout', { unsent: true }, 'service'],
    ['an answer that is none', 'invalid_upstream_response', { upstreamStatus: 200 }, 'lane'],
    ['an answer without end', 'upstream_response_too_large', {}, 'lane'],
    ['a stream gone silent', 'stream_idle_timeout', {}, 'lane'],
    ['a stream that was cut', 'stream_interrupted', {}, 'none'],
    ['an upstream without websockets', 'upstream_websocket_unavailable', {}, 'none'],
    ['a call that another one was ahead of', 'upstream_account_busy', { unsent: true }, 'none'],
  ])('after %s', (_, code, detail, effect) => {
    expect(effectOf(error(code, detail))).toBe(effect);
  });

  it('is a hint for the choice when another account might do better, whoever is to blame', () => {
    const hints = codes.filter((code) => isUpstreams(error(code)));
    expect(hints).toEqual(expect.arrayContaining(['upstream_error', 'stream_interrupted', 'upstream_timeout']));
    const passing: ErrorCode[] = ['upstream_account_busy', 'upstream_rate_limited', 'server_is_overloaded'];
    for (const code of passing) expect(hints).not.toContain(code);
    expect(isUpstreams(error('upstream_error', { cooldownMs: 0 }))).toBe(false);
  });
});
