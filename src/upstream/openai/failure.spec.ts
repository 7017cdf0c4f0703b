import type { FailedAnswer } from '../transport/failure.js';
import { failureOf, failureOfEvent } from './failure.js';

const NOW_MS = 1_790_000_000_000;
const answer = (status: number, error: object, headers: Record<string, string> = {}): FailedAnswer => ({
  status,
  headers: { 'content-type': 'application/json', 'x-request-id': 'req_1', ...headers },
  body: Buffer.from(
    JSON.stringify({ error: { message: 'About sk-proj-ab****cdef of org-1.', param: null, ...error } }),
  ),
});
const read = (...given: Parameters<typeof answer>) => failureOf(answer(...given), NOW_MS);

const tooFast = { type: 'tokens', code: 'rate_limit_exceeded' };
const counts = (requests: [left: string, reset: string], tokens: [left: string, reset: string]) => ({
  'x-ratelimit-remaining-requests': requests[0],
  'x-ratelimit-reset-requests': requests[1],
  'x-ratelimit-remaining-tokens': tokens[0],
  'x-ratelimit-reset-tokens': tokens[1],
});

describe('a failure of the Platform', () => {
  it.each([
    [{ type: 'insufficient_quota', code: 'insufficient_quota' }],
    [{ type: 'insufficient_quota', code: 'credit_balance_exhausted' }],
    [{ type: 'insufficient_quota', code: 'project_spend_limit_exceeded' }],
    [{ type: 'billing_not_active', code: 'billing_not_active' }],
  ])('is a spent quota, for an hour unless it is known better, when money is gone: %j', (error) => {
    expect(read(429, error)).toMatchObject({
      code: 'upstream_quota_exhausted',
      detail: { cooldownMs: 3_600_000, quota: { meters: [{ limitId: 'codex', allowed: false, limitReached: true }] } },
    });
  });

  it.each<[string, Record<string, string>, number]>([
    ['retry-after', { 'retry-after': '7', ...counts(['0', '20s'], ['10', '1s']) }, 7_000],
    ['the count that is at its end', counts(['0', '20s'], ['10', '40s']), 20_000],
    ['the later of two', counts(['0', '2s'], ['0', '6.5s']), 6_500],
    ['at most a minute', counts(['0', '8h38m24s'], ['10', '1s']), 60_000],
    ['at least a second', counts(['10', '1s'], ['0', '250ms']), 1_000],
    ['five seconds when nothing says', counts(['10', '20s'], ['10', '40s']), 5_000],
    ['five seconds when nothing can be read', counts(['0', 'soon'], ['10', '']), 5_000],
  ])('is a burst when it was too much for the minute: %s', (_, headers, cooldownMs) => {
    expect(read(429, tooFast, headers)).toMatchObject({ code: 'upstream_rate_limited', detail: { cooldownMs } });
  });

  it.each<[number, object, string]>([
    [401, { type: 'invalid_request_error', code: 'invalid_api_key' }, 'upstream_account_rejected'],
    [403, { type: 'forbidden', code: null }, 'upstream_account_rejected'],
    [403, { type: 'invalid_request_error', code: 'unsupported_country_region_territory' }, 'upstream_error'],
    [404, { type: 'invalid_request_error', code: 'model_not_found' }, 'upstream_model_unavailable'],
    [403, { type: 'invalid_request_error', code: 'model_not_found' }, 'upstream_model_unavailable'],
    [400, { type: 'invalid_request_error', code: 'unknown_parameter', param: 'x' }, 'upstream_refused'],
    [500, { type: 'server_error', code: null }, 'upstream_error'],
    [503, { type: 'server_error', code: 'slow_down' }, 'server_is_overloaded'],
  ])('with %i %j is %s', (status, error, code) => {
    expect(read(status, error).code).toBe(code);
  });

  it('says nothing to clients about the account, and what it says of their requests as it is', () => {
    expect(read(401, { code: 'invalid_api_key' }).detail).not.toHaveProperty('relay');
    expect(read(429, tooFast).detail).not.toHaveProperty('relay');
    const { relay } = read(400, { code: 'unknown_parameter' }).detail;
    expect([relay?.status, relay?.headers]).toEqual([400, { 'x-oai-request-id': 'req_1' }]);
  });

  it('means the same in a stream', () => {
    const response = { status: 'failed', error: { code: 'insufficient_quota', message: 'You exceeded …' } };
    const raw = Buffer.from(JSON.stringify({ type: 'response.failed', response }));
    const event = { type: 'response.failed', raw, json: (): unknown => JSON.parse(raw.toString()) };
    expect(failureOfEvent(event, NOW_MS)?.code).toBe('upstream_quota_exhausted');
    const other = { type: 'response.output_text.delta', raw, json: () => undefined };
    expect(failureOfEvent(other, NOW_MS)).toBeUndefined();
  });
});
