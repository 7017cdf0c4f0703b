import { CallBody, type RoutedCall } from '../../core/index.js';

type Fields = Readonly<Record<string, unknown>>;

const LITE = 'x-openai-internal-codex-responses-lite';
/** What a frame's `client_metadata` says for the whole turn and an HTTP request says in headers. Source: codex-cli-wire §3, §5. */
const AS_HEADERS: Readonly<Record<string, string>> = {
  [`ws_request_header_${LITE.replaceAll('-', '_')}`]: LITE,
  'x-codex-turn-metadata': 'x-codex-turn-metadata',
  'x-codex-turn-state': 'x-codex-turn-state',
  'x-codex-window-id': 'x-codex-window-id',
};
/** Of those and its relatives, the ones that an HTTP body does not have. */
const ONLY_IN_FRAMES = new Set([
  `ws_request_header_${LITE.replaceAll('-', '_')}`,
  'x-codex-turn-state',
  'x-codex-ws-stream-request-start-ms',
]);
const HEADER_VALUE = /^[\x20-\x7e]+$/;
const SOCKETS_BETA = /^responses_websockets=/;

/**
 * A websocket turn as the same client would have sent it over HTTP; every other call as it is.
 *
 * The headers of a websocket are those of its upgrade, which may be older than the turn: what the frame says wins.
 */
export function httpForm(call: RoutedCall): RoutedCall {
  if (call.transport !== 'websocket') return call;
  const frame = objectIn(call.body.bytes);
  if (frame === undefined) return call;
  const { type: _type, generate: _generate, ...body } = frame;
  const metadata = asFields(body['client_metadata']);
  const kept = Object.entries(metadata ?? {}).filter(([name]) => !ONLY_IN_FRAMES.has(name));
  const sent = metadata === undefined ? body : { ...body, client_metadata: Object.fromEntries(kept) };
  return {
    ...call,
    headers: { ...withoutSockets(call.headers), ...headersIn(metadata ?? {}) },
    body: new CallBody(Buffer.from(JSON.stringify(sent))),
  };
}

function headersIn(metadata: Fields): Record<string, string> {
  const said = Object.entries(AS_HEADERS).map(([name, header]) => [header, metadata[name]] as const);
  return Object.fromEntries(
    said.filter((entry): entry is [string, string] => typeof entry[1] === 'string' && HEADER_VALUE.test(entry[1])),
  );
}

const withoutSockets = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => name !== 'openai-beta' || !SOCKETS_BETA.test(value)),
  );

function objectIn(bytes: Buffer): Fields | undefined {
  try {
    return asFields(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}

const asFields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
