import { GatewayError, jsonEvent, SseFramer, type EventBatch } from '../../core/index.js';

const MIB = 1024 * 1024;

/** Largest answer that is not a stream. */
export const MAX_JSON_BYTES = 64 * MIB;

const SNIFF_BYTES = 64;
const SSE_BEGINNING = /^(?:\uFEFF)?[\r\n]*(?:data|event|id|retry)?:/;
/** As much as a chunk may hold of it: `ev` may be the beginning of `event:`. */
const SSE_PREFIX = /^(?:\uFEFF)?[\r\n]*(?:|d|da|dat|data|e|ev|eve|even|event|i|id|r|re|ret|retr|retry)$/;

/** Whether the bytes are an event stream, whatever their content type says; `undefined` while too few have come. */
export function looksLikeSse(start: Buffer): boolean | undefined {
  const text = start.toString('utf8', 0, SNIFF_BYTES);
  if (SSE_BEGINNING.test(text)) return true;
  return start.length < SNIFF_BYTES && SSE_PREFIX.test(text) ? undefined : false;
}

/** SSE bytes as batches: at most one for each chunk, the unfinished rest at the end. */
export async function* framed(chunks: AsyncIterable<Buffer>): AsyncGenerator<EventBatch> {
  const framer = new SseFramer();
  for await (const chunk of chunks) {
    const batch = framer.push(chunk);
    if (batch !== undefined) yield batch;
  }
  const rest = framer.end();
  if (rest !== undefined) yield rest;
}

/**
 * A whole body in memory.
 *
 * @throws GatewayError `upstream_response_too_large` past `limitBytes`
 */
export async function wholeBody(chunks: AsyncIterable<Buffer>, limitBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limitBytes) {
      throw new GatewayError('upstream_response_too_large', 'The upstream answer is too large.');
    }
    parts.push(chunk);
  }
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

/** @throws GatewayError `invalid_upstream_response` when the body is not JSON, or half of one */
export function jsonAnswer(body: Buffer): EventBatch {
  const batch = jsonEvent(body);
  if (batch.events[0]?.json() === undefined) {
    throw new GatewayError('invalid_upstream_response', 'The upstream answer is not JSON.');
  }
  return batch;
}

/** An answer whatever it is: JSON as an event that can be read, anything else as one that says nothing but is there. */
export function anyAnswer(body: Buffer): EventBatch {
  const batch = jsonEvent(body);
  if (batch.events[0]?.json() !== undefined) return batch;
  return { raw: body, events: [{ type: 'opaque', raw: body, json: () => undefined }] };
}
