import { idKey } from './answer.js';
import { json, raw } from './plain-replies.js';
import type { RecordedRequest, Route } from './recorded-request.js';
import { usage } from './wire-event.js';
import type { Reply, Script } from './wire.js';

/** Calls beside the model's own stream: each is answered as a whole. */
export const OPERATION_ROUTES: readonly (readonly [endpoint: string, route: Route])[] = [
  ['POST /backend-api/codex/responses/compact', 'compact'],
  ['POST /backend-api/codex/images/generations', 'images'],
  ['POST /backend-api/codex/images/edits', 'images'],
  ['POST /backend-api/codex/realtime/calls', 'realtime'],
  ['POST /backend-api/transcribe', 'transcribe'],
];

export const SDP_ANSWER = 'v=0\r\no=- 2 2 IN IP4 203.0.113.7\r\ns=simulated answer\r\n';

const USUAL: Partial<Record<Route, (request: RecordedRequest) => Reply>> = {
  compact: ({ ordinal }) =>
    json(200, {
      output: [
        { id: `cmp_${idKey(ordinal)}`, type: 'compaction', encrypted_content: `gAAAA-simulated-${idKey(ordinal)}` },
      ],
      usage: usage(900, 800, 40, 0),
    }),
  images: () => json(200, { created: 1_790_000_000, background: 'opaque', data: [{ b64_json: 'iVBORw0KGgo=' }] }),
  realtime: ({ ordinal }) =>
    raw(
      [SDP_ANSWER],
      {
        'content-type': 'application/sdp',
        location: `https://upstream.example/backend-api/codex/realtime/calls/rtc_${idKey(ordinal)}?token=simulated`,
      },
      201,
    ),
  transcribe: () => json(200, { text: 'simulated words', languages: ['en'] }),
};

/** The answer to such a call, the usual one unless a script is given; `undefined` for every other call. */
export function operationReply(request: RecordedRequest, script?: Script): Reply | undefined {
  const usual = USUAL[request.route];
  return usual && (script ?? usual)(request);
}

export const isOperation = (route: Route): boolean => USUAL[route] !== undefined;
