import { from, GatewayError, jsonEvent, type EventBatch } from '../core/index.js';

type Json = Readonly<Record<string, unknown>>;

/** An answer that was read: what it says, and the same bytes to be given on. */
export interface WholeAnswer {
  readonly json: Json;
  readonly batches: AsyncIterable<EventBatch>;
}

/** Far more than what an upstream has to say of a file. */
const MAX_BYTES = 1024 * 1024;

/** @throws GatewayError `upstream_file_bridge_invalid_response` when it is no JSON object, or far too long for one */
export async function wholeAnswer(batches: AsyncIterable<EventBatch>): Promise<WholeAnswer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const { raw } of batches) {
    parts.push(raw);
    bytes += raw.length;
    if (bytes > MAX_BYTES) throw invalidAnswer();
  }
  const raw = Buffer.concat(parts);
  const json = jsonEvent(raw).events[0]?.json();
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw invalidAnswer();
  // Its words are about a file: whatever they look like, they are no response and no failure of one.
  const event = { type: 'file', raw, json: () => undefined };
  return { json: json as Json, batches: from([{ raw, events: [event] }]) };
}

export const invalidAnswer = (): GatewayError =>
  new GatewayError('upstream_file_bridge_invalid_response', 'The upstream gave no usable answer about the file.');
