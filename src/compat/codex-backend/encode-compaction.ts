import { terminalOf, type ResponseEvent } from '../../core/index.js';
import type { AnswerHead, AnswerPart } from '../../exchange/index.js';
import { encode, isEventStream } from './encode-stream.js';
import { onlyCompaction } from './only-compaction.js';

/** Source: runtime contract §7.4. */
const DONE = Buffer.from('data: [DONE]\n\n');

/** A compaction as an event stream: its two events and `[DONE]`. One that failed just ends. Anything else as it came. */
export async function* encodeCompaction(parts: AsyncIterable<AnswerPart>, head: AnswerHead): AsyncGenerator<Buffer> {
  if (!isEventStream(head)) {
    yield* encode(parts, head);
    return;
  }
  let last: ResponseEvent | undefined;
  const seen = async function* (): AsyncGenerator<AnswerPart> {
    for await (const part of onlyCompaction(parts)) {
      if (part.kind === 'batch') last = part.events.at(-1);
      yield part;
    }
  };
  yield* encode(seen(), head);
  if (last && terminalOf(last)?.outcome === 'completed') yield DONE;
}
