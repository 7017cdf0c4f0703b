import { asFields, sseFrame, type Fields } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import type { Delta, MessageEvent } from './message-event.js';
import { messageEvents, type Telling } from './message-events.js';

/** Clients know it and do nothing: it shows them that somebody is there. */
export const PING = sseFrame('ping', { type: 'ping' });

/** @throws GatewayError as `messageEvents` does */
export async function* encodeStream(parts: AsyncIterable<AnswerPart>, telling: Telling): AsyncGenerator<string> {
  for await (const event of messageEvents(parts, telling)) yield sseFrame(event.type, event);
}

/**
 * The whole message: what a client makes of the events of a stream.
 *
 * @throws GatewayError as `messageEvents` does
 */
export async function encodeBody(parts: AsyncIterable<AnswerPart>, telling: Telling): Promise<Fields> {
  let message: Fields = {};
  const blocks: Block[] = [];
  for await (const event of messageEvents(parts, telling)) {
    if (event.type === 'message_start') message = event.message;
    else if (event.type === 'message_delta') message = { ...message, ...event.delta, usage: event.usage };
    else addTo(blocks, event);
  }
  return { ...message, content: blocks.map(wholeBlock) };
}

/** A block and the pieces of its one growing field. */
interface Block {
  readonly start: Fields;
  readonly pieces: string[];
  signature?: string;
}

function addTo(blocks: Block[], event: MessageEvent): void {
  if (event.type === 'content_block_start') blocks.push({ start: event.content_block, pieces: [] });
  const block = blocks.at(-1);
  if (event.type !== 'content_block_delta' || block === undefined) return;
  if (event.delta.type === 'signature_delta') block.signature = event.delta.signature;
  else block.pieces.push(pieceOf(event.delta));
}

function pieceOf(delta: Exclude<Delta, { type: 'signature_delta' }>): string {
  switch (delta.type) {
    case 'text_delta':
      return delta.text;
    case 'thinking_delta':
      return delta.thinking;
    case 'input_json_delta':
      return delta.partial_json;
  }
}

function wholeBlock({ start, pieces, signature }: Block): Fields {
  const whole = pieces.join('');
  if (start['type'] === 'tool_use') return { ...start, input: inputOf(whole) };
  if (start['type'] === 'text') return { ...start, text: whole };
  return { ...start, thinking: whole, ...(signature === undefined ? {} : { signature }) };
}

/** What is no object becomes the `input` of one: the client's tools get nothing else. */
function inputOf(json: string): Fields {
  if (json === '') return {};
  try {
    const parsed = asFields(JSON.parse(json));
    if (parsed !== undefined) return parsed;
  } catch {
    // kept as text
  }
  return { input: json };
}
