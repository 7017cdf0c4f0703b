import type { ErrorCode, Fields, GatewayError } from '../core/index.js';

const KIND = 'restart_with_full_context';

const PINNED: ReadonlySet<ErrorCode> = new Set([
  'pinned_continuation_unavailable',
  'pinned_continuation_reauth_required',
]);

/** Whether a call failed because nobody but one account can go on with it. */
export const isPinned = ({ code }: Pick<GatewayError, 'code'>): boolean => PINNED.has(code);

/** What says so before the body does; the same call would fail again. */
export const recoveryHeaders = (error: Pick<GatewayError, 'code'>): Readonly<Record<string, string>> =>
  isPinned(error) ? { 'x-codex-recovery-kind': KIND } : {};

/** How a client gets on after that, beside the error itself. Source: runtime contract §5.6. */
export const RECOVERY: Fields = {
  retryable: false,
  requires_new_upstream_session: true,
  recovery_kind: KIND,
  recovery: {
    kind: KIND,
    guidance:
      'Send the whole visible conversation again in a new request, without anything that names an earlier response or ' +
      'session, and without encrypted items that came with earlier answers.',
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
    notes: [
      'Uploaded files are with the same account: upload them again before a request refers to them.',
      'The same request will not succeed until the account that it is bound to serves again.',
    ],
  },
};
