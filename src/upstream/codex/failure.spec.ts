import { ERRORS, type ErrorCode } from '../../core/index.js';
import type { FailedAnswer } from '../transport/failure.js';
import { failureOf } from './failure.js';

const NOW_MS = 1_790_000_000_000;
const RESET_S = NOW_MS / 1000 + 5400;
const answer = (status: number, body: unknown, headers: Record<string, string> = {}): FailedAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
const failure = (status: number, body: unknown, headers?: Record<string, string>) =>
  failureOf(answer(status, body, headers), NOW_MS);
const error = (fields: object) => ({ error: fields });
const html = '<!DOCTYPE html><title>Attention Required! | Cloudflare</title>';

describe('an error answer', () => {
  it.each<[number, unknown, ErrorCode]>([
    [400, { detail: 'Store must be set to false' }, 'upstream_refused'],
    [400, error({ code: 'context_length_exceeded' }), 'upstream_refused'],
    [400, error({ code: 'model_not_found' }), 'upstream_model_unavailable'],
    [401, error({ code: 'token_invalidated' }), 'upstream_account_rejected'],
    [401, '', 'upstream_account_rejected'],
    [402, { detail: { code: 'deactivated_workspace' } }, 'upstream_account_rejected'],
    [402, error({ code: 'billing' }), 'upstream_refused'],
    [403, error({ code: 'forbidden' }), 'upstream_account_rejected'],
    [403, error({ code: 'misalignment_policy_violation' }), 'upstream_refused'],
    [403, html, 'upstream_error'],
    [403, error({ code: 'unsupported_country_region_territory' }), 'upstream_error'],
    [404, error({ code: 'model_not_found' }), 'upstream_model_unavailable'],
    [404, error({ type: 'invalid_request_error', param: 'model' }), 'upstream_model_unavailable'],
    [404, error({ type: 'invalid_request_error', param: 'input' }), 'upstream_refused'],
    [404, html, 'upstream_refused'],
    [413, 'too large', 'upstream_refused'],
    [422, error({ code: 'invalid_value' }), 'upstream_refused'],
    [429, error({ type: 'usage_limit_reached', resets_at: RESET_S }), 'upstream_quota_exhausted'],
    [429, error({ code: 'rate_limit_exceeded' }), 'upstream_rate_limited'],
    [429, '', 'upstream_rate_limited'],
    [500, error({ code: 'server_error' }), 'upstream_error'],
    [500, error({ type: 'overloaded_error' }), 'server_is_overloaded'],
    [502, html, 'upstream_error'],
    [503, error({ code: 'server_is_overloaded' }), 'server_is_overloaded'],
    [503, error({ code: 'slow_down' }), 'server_is_overloaded'],
    [503, 'unavailable', 'upstream_error'],
    [529, '', 'server_is_overloaded'],
    [307, '', 'upstream_error'],
  ])('%i %j is %s', (status, body, code) => {
    const failed = failure(status, body);
    expect([failed.code, failed.detail.upstreamStatus]).toEqual([code, status]);
  });

  it('of the request itself goes along byte for byte', () => {
    const body = '{ "detail" : "Store must be set to false",\n "n": 1.0 }';
    expect(failure(400, body).detail.relay).toEqual({
      status: 400,
      contentType: 'application/json',
      headers: {},
      body: Buffer.from(body),
    });
  });

  it.each([429, 404, 500, 503])('%i goes along only when it is JSON', (status) => {
    expect(failure(status, { error: { code: 'x' } }).detail.relay?.status).toBe(status);
    expect(failure(status, 'text', { 'content-type': 'text/plain' }).detail.relay).toBeUndefined();
  });

  it('that is HTML never goes along', () => {
    expect(failure(404, html, { 'content-type': 'text/html' }).detail.relay).toBeUndefined();
  });

  it('that was cut never goes along', () => {
    expect(failureOf({ ...answer(400, { detail: 'x' }), cut: true }, NOW_MS).detail.relay).toBeUndefined();
  });

  it("shows the provider's code only when it is a safe token", () => {
    expect(failure(400, error({ code: 'context_length_exceeded' })).detail.upstreamCode).toBe(
      'context_length_exceeded',
    );
    expect(failure(400, error({ code: 'see https://example.test' })).detail.upstreamCode).toBeUndefined();
  });

  it('holds none of the provider text in its message', () => {
    for (const status of [400, 401, 403, 404, 429, 500, 503]) {
      expect(failure(status, error({ code: 'x', message: 'canary' })).message).not.toContain('canary');
    }
  });

  it('touches an account only when the account is at fault (trap 40)', () => {
    const scopes = [400, 500, 503, 529].map((status) => ERRORS[failure(status, '{}').code].scope);
    expect(scopes).not.toContain('account');
  });
});

describe('a 429', () => {
  it.each<[string, object, Record<string, string>, number | undefined]>([
    ['resets_at', { resets_at: RESET_S, resets_in_seconds: 1 }, {}, RESET_S * 1000],
    ['resets_in_seconds', { resets_in_seconds: 5400 }, {}, NOW_MS + 5_400_000],
    [
      'the latest of its spent windows',
      {},
      {
        'x-codex-primary-used-percent': '100',
        'x-codex-primary-window-minutes': '300',
        'x-codex-primary-reset-at': String(RESET_S),
        'x-codex-secondary-used-percent': '100',
        'x-codex-secondary-window-minutes': '10080',
        'x-codex-secondary-reset-at': String(RESET_S + 1000),
      },
      (RESET_S + 1000) * 1000,
    ],
    ['nothing, when the reset is over', { resets_at: NOW_MS / 1000 - 60 }, {}, undefined],
  ])('with usage_limit_reached takes its reset from %s', (_, fields, headers, resetsAtMs) => {
    const failed = failure(429, error({ type: 'usage_limit_reached', ...fields }), headers);
    expect([failed.code, failed.detail.resetsAtMs]).toEqual(['upstream_quota_exhausted', resetsAtMs]);
  });

  it('with a spent window is quota even when the body does not say so', () => {
    const headers = {
      'x-codex-primary-used-percent': '100',
      'x-codex-primary-window-minutes': '300',
      'x-codex-primary-reset-at': String(RESET_S),
    };
    expect(failure(429, '', headers).code).toBe('upstream_quota_exhausted');
    expect(failure(429, '', { ...headers, 'x-codex-primary-used-percent': '99' }).code).toBe('upstream_rate_limited');
  });

  const spentHeaders = (meter: string, usedPercent: number) => ({
    [`x-${meter}-primary-used-percent`]: String(usedPercent),
    [`x-${meter}-primary-window-minutes`]: '300',
    [`x-${meter}-primary-reset-at`]: String(RESET_S),
  });

  it('is a burst when it is another meter whose window is spent', () => {
    const headers = {
      ...spentHeaders('codex-spark', 100),
      ...spentHeaders('codex', 5),
      'x-codex-active-limit': 'codex',
    };
    expect(failure(429, '', headers)).toMatchObject({
      code: 'upstream_rate_limited',
      detail: { quota: { source: 'headers', windows: [{ usedPercent: 100 }, { usedPercent: 5 }] } },
    });
  });

  it('is evidence that the window with its reset is spent, whatever its headers say of that', () => {
    const failed = failure(429, error({ type: 'usage_limit_reached', resets_at: RESET_S }), spentHeaders('codex', 99));
    expect(failed.detail.quota).toEqual({
      source: 'error',
      windows: [{ limitId: 'codex', windowMinutes: 300, usedPercent: 100, resetsAtMs: RESET_S * 1000 }],
      wholeMeters: [],
      meters: [{ limitId: 'codex', allowed: false, limitReached: true, resetsAtMs: RESET_S * 1000 }],
    });
  });

  it('is evidence of the window that its body names', () => {
    const fields = { type: 'usage_limit_reached', resets_at: RESET_S, window_minutes: 10_080, used_percent: 100 };
    expect(failure(429, error(fields), spentHeaders('codex', 40)).detail.quota?.windows).toEqual([
      { limitId: 'codex', windowMinutes: 300, usedPercent: 40, resetsAtMs: RESET_S * 1000 },
      { limitId: 'codex', windowMinutes: 10_080, usedPercent: 100, resetsAtMs: RESET_S * 1000 },
    ]);
  });

  it('for credits that are used up is evidence that there are none', () => {
    const headers = { 'x-codex-rate-limit-reached-type': 'workspace_owner_credits_depleted' };
    expect(failure(429, '', headers).detail.quota?.meters).toMatchObject([
      { allowed: false, credits: { available: false, unlimited: false } },
    ]);
  });

  it('about another meter lets the account go on', () => {
    const failed = failure(429, error({ type: 'usage_limit_reached', resets_at: RESET_S }), {
      'x-codex-active-limit': 'codex_spark',
    });
    expect(failed.detail.cooldownMs).toBe(0);
  });

  it.each<[Record<string, string>, number]>([
    [{}, 5_000],
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': '400' }, 60_000],
    [{ 'retry-after': '0' }, 1_000],
    [{ 'retry-after-ms': '2500' }, 2_500],
    [{ 'retry-after': new Date(NOW_MS + 9_000).toUTCString() }, 9_000],
    [{ 'retry-after': 'soon' }, 5_000],
  ])('without quota marks and with %j costs seconds (trap 40)', (headers, cooldownMs) => {
    const failed = failure(429, error({ code: 'rate_limit_exceeded' }), headers);
    expect([failed.code, failed.detail.cooldownMs]).toEqual(['upstream_rate_limited', cooldownMs]);
  });
});
