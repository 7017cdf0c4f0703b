import { jsonEvent, type ErrorCode, type ResponseEvent } from '../../core/index.js';
import { failureOfEvent } from './failure.js';

const NOW_MS = 1_790_000_000_000;
const event = (json: object): ResponseEvent => {
  const [only] = jsonEvent(Buffer.from(JSON.stringify(json))).events;
  if (!only) throw new Error('no event');
  return only;
};
const failed = (error: object): ResponseEvent => event({ type: 'response.failed', response: { id: 'r', error } });

describe('a failed first event', () => {
  it.each<[string, ErrorCode]>([
    ['server_error', 'upstream_error'],
    ['upstream_request_timeout', 'upstream_timeout'],
    ['stream_incomplete', 'stream_interrupted'],
    ['websocket_connection_limit_reached', 'stream_interrupted'],
    ['overloaded_error', 'server_is_overloaded'],
    ['server_is_overloaded', 'server_is_overloaded'],
    ['slow_down', 'server_is_overloaded'],
    ['model_not_found', 'upstream_model_unavailable'],
    ['usage_limit_reached', 'upstream_quota_exhausted'],
    ['rate_limit_exceeded', 'upstream_rate_limited'],
  ])('%s lets another account try: %s (trap 40)', (code, expected) => {
    const failure = failureOfEvent(failed({ code, message: 'm' }), NOW_MS);
    expect([failure?.code, failure?.failover, failure?.detail.upstreamCode]).toEqual([expected, true, code]);
  });

  it.each(['context_length_exceeded', 'invalid_prompt', 'cyber_policy', 'something_new'])(
    '%s is the client’s',
    (code) => {
      expect(failureOfEvent(failed({ code, type: 'server_error' }), NOW_MS)).toBeUndefined();
    },
  );

  it('without a code is the client’s', () => {
    expect(failureOfEvent(failed({ message: 'm' }), NOW_MS)).toBeUndefined();
  });

  it('takes the wait from the only place that says it', () => {
    const failure = failureOfEvent(
      failed({ code: 'rate_limit_exceeded', message: 'Please try again in 11.5s.' }),
      NOW_MS,
    );
    expect(failure?.detail.cooldownMs).toBe(11_500);
  });

  it('with an HTTP status inside means what that answer would', () => {
    const wrapped = event({
      type: 'error',
      status_code: 429,
      error: { type: 'usage_limit_reached', resets_in_seconds: 60 },
    });
    const failure = failureOfEvent(wrapped, NOW_MS);
    expect([failure?.code, failure?.detail.resetsAtMs]).toEqual(['upstream_quota_exhausted', NOW_MS + 60_000]);
    const refused = event({ type: 'error', status: 400, error: { code: 'invalid_prompt' } });
    expect(failureOfEvent(refused, NOW_MS)).toBeUndefined();
  });

  it.each([
    { status: 401, error: { type: 'invalid_request_error', code: 'token_expired' } },
    { status_code: 401, error: { message: 'no code' } },
    { error: { type: 'invalid_request_error', code: 'invalid_api_key' } },
    { error: { code: 'invalid_authentication' } },
  ])('refuses the credentials as a 401 does: %j', (frame) => {
    const failure = failureOfEvent(event({ type: 'error', ...frame }), NOW_MS);
    expect([failure?.code, failure?.detail.upstreamStatus]).toEqual(['upstream_account_rejected', 401]);
  });

  it.each<[object, ErrorCode]>([
    [{ status: 429, error: { message: 'slow' }, headers: { 'Retry-After': '3' } }, 'upstream_rate_limited'],
    [{ status: 503, error: { code: 'server_is_overloaded' } }, 'server_is_overloaded'],
    [{ status: 500, error: { message: 'm' } }, 'upstream_error'],
    [{ status_code: 403, error: { code: 'account_deactivated' } }, 'upstream_account_rejected'],
    [{ status: 404, error: { code: 'model_not_found' } }, 'upstream_model_unavailable'],
  ])('on a websocket means what the HTTP answer would: %j', (frame, expected) => {
    expect(failureOfEvent(event({ type: 'error', ...frame }), NOW_MS)?.code).toBe(expected);
  });

  it.each([{ status: 400 }, { status: 500 }, {}])('that speaks of the connection %j is worth a new one', (status) => {
    const frame = event({ type: 'error', ...status, error: { code: 'websocket_connection_limit_reached' } });
    const failure = failureOfEvent(frame, NOW_MS);
    expect([failure?.code, failure?.detail.cooldownMs]).toEqual(['stream_interrupted', undefined]);
  });

  it('says how long to wait in the headers inside the frame', () => {
    const frame = event({ type: 'error', status: 429, error: { message: 'm' }, headers: { 'Retry-After': '3' } });
    expect(failureOfEvent(frame, NOW_MS)?.detail.cooldownMs).toBe(3_000);
  });

  it('is no other event', () => {
    expect(failureOfEvent(event({ type: 'response.created', response: { id: 'r' } }), NOW_MS)).toBeUndefined();
    expect(
      failureOfEvent(event({ type: 'response.completed', response: { id: 'r', error: null } }), NOW_MS),
    ).toBeUndefined();
  });
});
