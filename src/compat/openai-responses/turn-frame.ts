import { GatewayError, type Fields } from '../../core/index.js';
import { turnIdOf } from '../codex-backend/decode-turn.js';

/** What a client asks for with one frame of its websocket. */
export interface TurnFrame {
  /** As the same request would have it over HTTP. */
  readonly body: Fields;
  /** What the client itself calls the turn; `undefined` when it does not. */
  readonly turnId: string | undefined;
  /** Whether it only prepares the next turn. */
  readonly warmsUp: boolean;
}

const STREAM_ID = /^[A-Za-z0-9_.-]{1,256}$/;
/** Between the client and us, or what a websocket does anyway. */
const OURS = new Set(['type', 'stream_id', 'turn_id', 'request_id', 'generate', 'stream']);

/** @throws GatewayError `invalid_request` for a frame that asks for no response, such as those of the Realtime API */
export function turnFrame(frame: Fields): TurnFrame {
  const { type, model, input, background } = frame;
  if (type !== 'response.create') {
    const param = typeof model === 'string' ? 'type' : 'model';
    throw new GatewayError('invalid_request', 'Only response.create frames are served here.', { param });
  }
  const own = Object.entries(frame).filter(
    ([name]) => !OURS.has(name) && !(name === 'background' && background === false),
  );
  return {
    body: { ...Object.fromEntries(own), ...(typeof input === 'string' ? { input: [said(input)] } : {}) },
    turnId: turnIdOf(frame),
    warmsUp: frame['generate'] === false,
  };
}

/** By which a client tells turns apart: it comes back with every event. @throws GatewayError `invalid_request` */
export function streamIdOf({ stream_id: id }: Fields): string | undefined {
  if (id === undefined || id === null) return undefined;
  if (typeof id === 'string' && STREAM_ID.test(id)) return id;
  throw new GatewayError('invalid_request', 'stream_id must be 1 to 256 letters, digits, "_", "." or "-"', {
    param: 'stream_id',
  });
}

const said = (text: string): Fields => ({
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text }],
});
