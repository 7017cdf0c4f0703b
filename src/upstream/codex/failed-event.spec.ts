import { jsonEvent, type ErrorCode, type ResponseEvent } from '../../core/index.js';
import { failureOfEvent } from './failed-event.js';

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
  ])('%s lets another account try: %s', (code, expected) => {
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

  it('is no other event', () => {
    expect(failureOfEvent(event({ type: 'response.created', response: { id: 'r' } }), NOW_MS)).toBeUndefined();
    expect(
      failureOfEvent(event({ type: 'response.completed', response: { id: 'r', error: null } }), NOW_MS),
    ).toBeUndefined();
  });
});
