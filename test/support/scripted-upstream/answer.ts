import {
  compaction as compactionPart,
  freeformCall,
  functionCall,
  message,
  picture,
  reasoning as reasoningPart,
  type AnswerPart,
} from './answer-parts.js';
import { isRecord } from './codex-request.js';
import { StreamReply, type Asked } from './stream-reply.js';
import { DEFAULT_USAGE, frame, type Usage, type WireEvent } from './wire-event.js';
import type { Headers } from './wire.js';

export interface AnswerOptions {
  /** `null` leaves it out: the answer's tokens are then unknown. Default: `DEFAULT_USAGE`. */
  readonly usage?: Usage | null;
  /** Pause before each event but the first, in milliseconds. */
  readonly paceMs?: number;
  /** Default: made from the request's ordinal, the same on every run. */
  readonly responseId?: string;
  /** Of the text message; default as `responseId`. */
  readonly itemId?: string;
  readonly headers?: Headers;
}

/** A whole successful answer: created, in_progress, the parts' own events, completed with usage. */
export function answer(parts: readonly AnswerPart[], options: AnswerOptions = {}): StreamReply {
  return new StreamReply({
    frames: (asked) => render(parts, options, asked).events.map(frame),
    whole: (asked) => render(parts, options, asked).response,
    headers: options.headers ?? {},
    paceMs: options.paceMs ?? 0,
    ending: 'end',
  });
}

/** A text answer, one delta for each piece; options may come last. */
export function say(...given: readonly (string | AnswerOptions)[]): StreamReply {
  const pieces = given.filter((each) => typeof each === 'string');
  const options = given.find((each) => typeof each !== 'string');
  return answer([message(pieces, options?.itemId)], options);
}

/** Reasoning, then a call of a function tool; `args` is an object or the raw argument text. */
export const toolCall = (name: string, args: unknown, options?: AnswerOptions): StreamReply =>
  answer([reasoningPart('Deciding to call a tool'), functionCall(name, args)], options);

/** Reasoning, then a call of a freeform tool such as `apply_patch` or `exec`. */
export const customToolCall = (name: string, input: string, options?: AnswerOptions): StreamReply =>
  answer([reasoningPart('Deciding to call a tool'), freeformCall(name, input)], options);

/** Reasoning with encrypted content, then a text answer. */
export const reasoning = (summary: string, text: string, options?: AnswerOptions): StreamReply =>
  answer([reasoningPart(summary), message([text], options?.itemId)], options);

/** A generated picture. */
export const image = (base64Png: string, options?: AnswerOptions): StreamReply => answer([picture(base64Png)], options);

/** The answer to a compaction request. */
export const compaction = (encryptedContent: string, options?: AnswerOptions): StreamReply =>
  answer([compactionPart(encryptedContent)], options);

/** `000007`: part of every generated id, so that ids are unique within a run and equal between runs. */
export const idKey = (ordinal: number): string => String(ordinal).padStart(6, '0');

/** The `response` object that created, in_progress and the terminal events carry. */
export function responseObject(asked: Asked, responseId?: string): Record<string, unknown> {
  const body = asked.json();
  return {
    id: responseId ?? `resp_${idKey(asked.ordinal)}`,
    object: 'response',
    created_at: 1_790_000_000,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    model: isRecord(body) && typeof body['model'] === 'string' ? body['model'] : 'gpt-5.5',
    output: [],
    parallel_tool_calls: true,
    store: false,
    usage: null,
  };
}

function render(
  parts: readonly AnswerPart[],
  options: AnswerOptions,
  asked: Asked,
): { events: readonly WireEvent[]; response: object } {
  const built = parts.map((part, index) => part.build(`${idKey(asked.ordinal)}_${String(index)}`, index));
  const open = responseObject(asked, options.responseId);
  const { usage: _, ...uncounted } = open;
  const counted = options.usage === undefined ? DEFAULT_USAGE : options.usage;
  const response = {
    ...uncounted,
    status: 'completed',
    output: built.map(({ item }) => item),
    ...(counted === null ? {} : { usage: counted }),
  };
  return {
    response,
    events: [
      { type: 'response.created', response: open },
      { type: 'response.in_progress', response: open },
      ...built.flatMap((part) => part.events),
      { type: 'response.completed', response },
    ],
  };
}
