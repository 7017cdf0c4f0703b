import { GatewayError, type PoolPolicy, type RoutedCall } from '../../core/index.js';
import { sessionOf } from '../session-name.js';
import type { Received } from '../received.js';
import { decode } from './decode.js';

type Fields = Readonly<Record<string, unknown>>;

export interface Turn {
  readonly call: RoutedCall;
  /** Its body as it goes upstream. */
  readonly whole: Fields;
  /** Whether it goes on from the last response of its socket instead of bringing the full input. */
  readonly continues: boolean;
}

/** Names of a turn that are between the client and us. */
const OURS = ['turn_id', 'request_id'] as const;
const CREATE = 'response.create';

/** @throws GatewayError `invalid_request` with param `model` for a frame that asks for no response */
export function requireCreate({ type, model }: Fields): void {
  if (type === CREATE || (type === undefined && typeof model === 'string')) return;
  throw new GatewayError('invalid_request', 'model is required', { param: 'model' });
}

/** What the client itself calls the turn; `undefined` when it does not. */
export const turnIdOf = (body: Fields): string | undefined =>
  OURS.map((name) => body[name]).find((id): id is string => typeof id === 'string' && id.trim() !== '');

/**
 * A `response.create` frame as a routed call: the body of a Responses request with its `type`. The frame's own bytes go
 * upstream unless something in them has to change.
 *
 * @param frame the frame's object, parsed from `bytes`
 * @param whole the same, with the input of a warm-up in front; `frame` itself when there is nothing to put there
 * @throws GatewayError `invalid_request` with the field that is wrong
 */
export function decodeTurn(
  frame: Fields,
  whole: Fields,
  bytes: Buffer,
  received: Omit<Received, 'transport'>,
  pool: Pick<PoolPolicy, 'defaultModel'>,
): Turn {
  const wanted = upstreamForm(whole);
  const unchanged = wanted === frame;
  const sent = unchanged ? bytes : Buffer.from(JSON.stringify(wanted));
  const call = decode(wanted, sent, { ...received, transport: 'websocket' }, pool);
  const session = sessionOf(received.headers) ?? sessionIn(frame['client_metadata']);
  return {
    call: session === undefined ? call : { ...call, session },
    whole: wanted,
    continues: typeof wanted['previous_response_id'] === 'string',
  };
}

function upstreamForm(body: Fields): Fields {
  const named = OURS.some((name) => name in body);
  if (body['type'] !== undefined && !named) return body;
  const rest = Object.entries(body).filter(([name]) => name !== 'type' && !OURS.some((own) => own === name));
  return { type: CREATE, ...Object.fromEntries(rest) };
}

/** On a websocket the CLI repeats what it says of its session in every turn. Source: codex-cli-wire §3.3. */
function sessionIn(metadata: unknown): string | undefined {
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const { session_id: session, thread_id: thread } = metadata as Fields;
  return [session, thread].find((id): id is string => typeof id === 'string' && id.trim() !== '')?.trim();
}
