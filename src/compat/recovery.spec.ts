import { GatewayError, type ErrorCode } from '../core/index.js';
import { errorFrame } from './codex-backend/error-frame.js';
import { dialectFor } from './dialects.js';

const NOW = 1_800_000_000_000;
const KIND = 'restart_with_full_context';
const errorOf = (code: ErrorCode) =>
  new GatewayError(code, 'Bound.', code === 'pinned_continuation_unavailable' ? { param: 'model' } : {});
const rendered = (path: string, code: ErrorCode) => dialectFor(path).renderError(errorOf(code), NOW, 'request-1');

/** Source: runtime contract §5.6. */
const BODY = {
  message: 'Bound.',
  type: 'invalid_request_error',
  retryable: false,
  requires_new_upstream_session: true,
  recovery_kind: KIND,
  recovery: {
    kind: KIND,
    guidance: expect.any(String) as string,
    anchor_removal: {
      body: ['previous_response_id'],
      headers: [
        'x-codex-previous-response-id',
        'x-codex-turn-state',
        'x-codex-window-id',
        'x-codex-session-id',
        'session-id',
        'x-session-id',
        'x-session-affinity',
        'session_id',
        'x-codex-conversation-id',
      ],
    },
    notes: [expect.any(String) as string, expect.any(String) as string],
  },
};

describe.each([
  ['pinned_continuation_unavailable', 'model'],
  ['pinned_continuation_reauth_required', null],
] as const)('%s', (code, param) => {
  it('tells a Codex client how to get on', () => {
    expect(rendered('/backend-api/codex/responses', code)).toEqual({
      status: 503,
      headers: { 'x-pooler-error-source': 'gateway', 'x-codex-recovery-kind': KIND },
      body: { error: { ...BODY, code, param } },
    });
  });

  it('tells it the same on a websocket', () => {
    expect(JSON.parse(errorFrame(errorOf(code), NOW))).toEqual({
      type: 'error',
      status: 503,
      error: { ...BODY, code, param },
    });
  });

  it.each(['/v1/responses', '/v1/chat/completions', '/v1/images/generations'])(
    'tells a client of %s its code, in OpenAI’s form, and not to try that again',
    (path) => {
      expect(rendered(path, code)).toEqual({
        status: 503,
        headers: { 'x-pooler-error-source': 'gateway', 'x-codex-recovery-kind': KIND, 'x-should-retry': 'false' },
        body: { error: { message: 'Bound.', type: 'invalid_request_error', code, param } },
      });
    },
  );

  it('tells a client of Messages its code, in Anthropic’s form, and not to try that again', () => {
    expect(rendered('/v1/messages', code)).toMatchObject({
      status: 503,
      headers: { 'x-codex-recovery-kind': KIND, 'x-should-retry': 'false' },
      body: { type: 'error', error: { type: 'api_error', message: 'Bound.', code } },
    });
  });
});

it.each(['/backend-api/codex/responses', '/v1/responses', '/v1/messages'])(
  'no other error on %s speaks of it',
  (path) => {
    const { headers, body } = rendered(path, 'no_eligible_backend');
    expect(headers).not.toHaveProperty('x-codex-recovery-kind');
    expect(JSON.stringify(body)).not.toContain('recovery');
  },
);
