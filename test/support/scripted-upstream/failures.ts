import { responseObject } from './answer.js';
import { json } from './plain-replies.js';
import { StreamReply } from './stream-reply.js';
import { frame, type WireEvent } from './wire-event.js';
import type { Headers, Reply, Script } from './wire.js';

/** The connection is dropped before a status line. */
export const failBeforeHeaders = (how: 'destroy' | 'reset' = 'destroy'): Reply => ({
  async send(wire) {
    wire.drop(how);
  },
});

/** 200 and headers of a stream, then the connection is dropped before the first event. */
export const failAfterHeaders = (how: 'destroy' | 'reset' = 'destroy'): Reply => ({
  async send(wire) {
    wire.head(200, { 'content-type': 'text/event-stream' });
    await wire.pause(1);
    wire.drop(how);
  },
});

/** `response.failed` as the first and only event. */
export const failedFirstEvent = (code: string, message = 'The simulated upstream failed.'): StreamReply =>
  failure([], code, message);

/** created and in_progress, nothing visible, then `response.failed`. */
export const createdThenFailed = (code: string, message = 'The simulated upstream failed.'): StreamReply =>
  failure(['response.created', 'response.in_progress'], code, message);

/** The first `count` events of an answer, then `response.failed`. */
export const failedAfter = (
  count: number,
  { plan }: StreamReply,
  code: string,
  message = 'The simulated upstream failed.',
): StreamReply =>
  new StreamReply({
    ...plan,
    frames: (asked) => [
      ...plan.frames(asked).slice(0, count),
      frame(failed(responseObject(asked), code, message), count),
    ],
  });

/** A bare `error` event, which Codex clients do not understand. */
export const errorEvent = (code: string, message = 'The simulated upstream failed.'): StreamReply =>
  stream(() => [{ type: 'error', code, message, param: null }]);

/** A stream that stops by itself, e.g. for `max_output_tokens`. */
export const incomplete = (reason: string): StreamReply =>
  stream((open) => [
    { type: 'response.created', response: open },
    { type: 'response.incomplete', response: { ...open, status: 'incomplete', incomplete_details: { reason } } },
  ]);

/** The refusal of a websocket upgrade after which a Codex client goes on over HTTP at once and silently. */
export const noWebsockets = (): Reply => json(426, { error: { message: 'Websocket is not available here.' } });

/** What a turn gets that does not go on from the last response of its websocket. */
export const unknownPrevious = (id: unknown): Reply =>
  json(400, {
    error: {
      type: 'invalid_request_error',
      code: 'previous_response_not_found',
      message: `Previous response with id '${String(id)}' not found.`,
      param: 'previous_response_id',
    },
  });

/** What a websocket gets that is too old. */
export const connectionLimit = (): Reply =>
  json(400, {
    error: {
      type: 'invalid_request_error',
      code: 'websocket_connection_limit_reached',
      message: 'Responses websocket connection limit reached (60 minutes). Create a new websocket connection.',
    },
  });

/** The refusal of an access token. */
export const unauthorized = (code = 'token_expired'): Reply =>
  json(401, {
    error: { message: 'Provided authentication token is expired.', type: 'invalid_request_error', code, param: null },
    status: 401,
  });

/** 401 for the first request, whatever its token; then as `after` says. */
export const unauthorizedOnce = (after: Script): Script => {
  let refused = false;
  return (request) => {
    if (refused) return after(request);
    refused = true;
    return unauthorized();
  };
};

/** A short 429 that says nothing about quota. */
export const burst429 = (headers: Headers = {}): Reply =>
  json(
    429,
    {
      error: {
        message: 'Rate limit reached. Please try again in 1s.',
        type: 'rate_limit_exceeded',
        code: 'rate_limit_exceeded',
        param: null,
      },
    },
    headers,
  );

/** 429 because the account's window is spent, until that many seconds from now. */
export const quota429 = (resetsInSeconds: number, plan = 'pro'): Reply => ({
  async send(wire) {
    const resetsAt = Math.floor(wire.now() / 1000) + resetsInSeconds;
    const error = {
      type: 'usage_limit_reached',
      message: 'The usage limit has been reached',
      plan_type: plan,
      resets_at: resetsAt,
      resets_in_seconds: resetsInSeconds,
    };
    await json(
      429,
      { error },
      { 'x-codex-primary-used-percent': '100', 'x-codex-primary-reset-at': String(resetsAt) },
    ).send(wire);
  },
});

/** The provider as a whole is overloaded: nobody's fault. */
export const overloaded503 = (code = 'server_is_overloaded'): Reply =>
  json(503, { error: { message: 'The server is overloaded.', type: 'server_error', code, param: null } });

function failure(before: readonly string[], code: string, message: string): StreamReply {
  return stream((open) => [...before.map((type) => ({ type, response: open })), failed(open, code, message)]);
}

const failed = (open: Record<string, unknown>, code: string, message: string): WireEvent => ({
  type: 'response.failed',
  response: { ...open, status: 'failed', error: { code, message } },
});

function stream(build: (open: Record<string, unknown>) => readonly WireEvent[]): StreamReply {
  return new StreamReply({
    frames: (asked) => build(responseObject(asked)).map(frame),
    headers: {},
    paceMs: 0,
    ending: 'end',
  });
}
