import type { AnswerPart } from '../../exchange/index.js';
import { ChatMessage } from './chat-message.js';
import type { ChatCall } from './chat-shape.js';
import { chatSteps, type ChatDelta, type ChatEnd, type ChatHead } from './chat-steps.js';
import { finishedAnswer, type Finished } from './completion.js';

export const DONE = 'data: [DONE]\n\n';

/**
 * An answer as `chat.completion.chunk` frames. A failure is thrown, and never looks like an end.
 *
 * @param finished is told the whole completion before the client learns that it is over
 */
export async function* encodeStream(
  parts: AsyncIterable<AnswerPart>,
  call: ChatCall,
  finished: (answer: Finished) => Promise<void>,
): AsyncGenerator<string> {
  const message = new ChatMessage();
  let chunk = chunksOf({ id: '', created: 0, model: '' }, call.choices);
  let head: ChatHead | undefined;
  for await (const step of chatSteps(parts, call)) {
    if (step.kind === 'begun') {
      head = step.head;
      chunk = chunksOf(head, call.choices);
      yield chunk({ role: 'assistant' });
    } else if (step.kind === 'delta') {
      message.add(step.delta);
      yield chunk(step.delta);
    } else if (head !== undefined) {
      await finished(finishedAnswer(head, message, step.end, call));
      yield* ending(chunk, head, step.end, call);
    }
  }
}

type Chunk = (delta: ChatDelta | { readonly role: string }, end?: ChatEnd) => string;

function chunksOf({ id, created, model, response_id }: ChatHead, choices: number): Chunk {
  const head = { id, object: 'chat.completion.chunk', created, model, ...(response_id ? { response_id } : {}) };
  return (delta, end) => {
    const choice = { delta, finish_reason: end?.finishReason ?? null };
    return frame({
      ...head,
      choices: Array.from({ length: choices }, (_, index) => ({ index, ...choice })),
      ...tierOf(end),
    });
  };
}

function* ending(chunk: Chunk, { id, created, model }: ChatHead, end: ChatEnd, call: ChatCall): Generator<string> {
  yield chunk({}, end);
  const { usage } = end;
  if (call.includesUsage && usage !== undefined) {
    yield frame({ id, object: 'chat.completion.chunk', created, model, choices: [], usage, ...tierOf(end) });
  }
  yield DONE;
}

const tierOf = (end: ChatEnd | undefined): object =>
  end?.serviceTier === undefined ? {} : { service_tier: end.serviceTier };

const frame = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
