import { sseFrame } from '../../core/index.js';
import type { AnswerBatch, AnswerHead, AnswerPart } from '../../exchange/index.js';
import { rewrittenEnd } from './rewritten-end.js';

/** An event stream as Codex reads it, or the bytes of an answer that is none as they came. */
export const encode = (parts: AsyncIterable<AnswerPart>, head: AnswerHead): AsyncGenerator<Buffer> =>
  isEventStream(head) ? encodeStream(parts) : relayed(parts);

export const isEventStream = ({ headers }: AnswerHead): boolean =>
  headers['content-type']?.toLowerCase().startsWith('text/event-stream') === true;

async function* relayed(parts: AsyncIterable<AnswerPart>): AsyncGenerator<Buffer> {
  for await (const part of parts) if (part.kind === 'batch') yield part.raw;
}

/** The upstream's own bytes, except for ends that Codex would not understand. */
async function* encodeStream(parts: AsyncIterable<AnswerPart>): AsyncGenerator<Buffer> {
  for await (const part of parts) {
    if (part.kind === 'batch') yield closed(encodeBatch(part));
  }
}

/** A last block that the upstream did not close would swallow whatever comes after it, and clients drop it. */
const closed = (bytes: Buffer): Buffer => (endsBlock(bytes) ? bytes : Buffer.concat([bytes, Buffer.from('\n\n')]));

const endsBlock = (bytes: Buffer): boolean =>
  bytes.length === 0 || bytes.subarray(-4).toString('latin1').replace(/\r\n?/g, '\n').endsWith('\n\n');

function encodeBatch(batch: AnswerBatch): Buffer {
  // The exchange cuts a batch off after its terminal event, so only the last one can be it.
  const last = batch.events.at(-1);
  const rewritten = last && rewrittenEnd(last);
  if (!last || rewritten === undefined) return batch.raw;
  const before = batch.raw.subarray(0, batch.raw.length - last.raw.length);
  return Buffer.concat([before, Buffer.from(sseFrame(rewritten.type, rewritten))]);
}
