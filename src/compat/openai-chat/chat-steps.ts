import { asFields, asText, type AccountId, type Fields } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import type { AnswerEvent } from '../translation/answer-event.js';
import { answerEvents } from '../translation/answer-events.js';
import type { ChatCall } from './chat-shape.js';
import { chatUsage } from './chat-usage.js';
import { StopSequences } from './stop-sequences.js';

/** The same for the whole answer, and in every chunk of a stream. */
export interface ChatHead {
  readonly id: string;
  /** Unix time in seconds. */
  readonly created: number;
  readonly model: string;
  readonly response_id?: string;
}

/** One more piece of a message, in the form that a chunk has it. */
export interface ChatDelta {
  readonly content?: string;
  readonly refusal?: string;
  readonly reasoning_content?: string;
  readonly reasoning?: string;
  readonly tool_calls?: readonly [ToolCallDelta];
  readonly function_call?: { readonly name?: string; readonly arguments: string };
}

export interface ToolCallDelta {
  /** Counts the calls of the message from 0. */
  readonly index: number;
  readonly id?: string;
  readonly type?: 'function' | 'custom';
  readonly function?: { readonly name?: string; readonly arguments: string };
  readonly custom?: { readonly name?: string; readonly input: string };
}

export type ChatStep =
  /** First, and once. */
  | { readonly kind: 'begun'; readonly head: ChatHead }
  | { readonly kind: 'delta'; readonly delta: ChatDelta }
  /** Last, and once; an answer that fails is thrown before it. */
  | { readonly kind: 'ended'; readonly end: ChatEnd };

export interface ChatEnd {
  readonly finishReason: string;
  readonly usage?: Fields;
  readonly serviceTier?: string;
  /** The upstream's own, with all of its items. */
  readonly response: Fields;
  /** Who answered. */
  readonly accountId?: AccountId;
}

/**
 * An answer in chat's terms, step by step. What is streamed and what is answered whole is made of these steps alone.
 *
 * @throws GatewayError when the answer fails or breaks off
 */
export async function* chatSteps(parts: AsyncIterable<AnswerPart>, call: ChatCall): AsyncGenerator<ChatStep> {
  const reading = new ChatReading(call);
  for await (const event of answerEvents(reading.noted(parts))) yield* reading.read(event);
}

const NOTHING: readonly ChatStep[] = [];

const delta = (piece: ChatDelta): readonly ChatStep[] => [{ kind: 'delta', delta: piece }];

/** A call, once it was announced. */
interface Announced {
  readonly index: number;
  readonly form: 'function' | 'custom';
}

class ChatReading {
  private readonly stops: StopSequences;
  private readonly calls = new Map<string, Announced>();
  /** The item whose reasoning was told last, for each form. */
  private readonly reasoned = new Map<string, string>();
  /** A stop sequence was met: to the client, the model said nothing after it. */
  private stopped = false;
  private accountId: AccountId | undefined;

  constructor(private readonly call: ChatCall) {
    this.stops = new StopSequences(call.stops);
  }

  async *noted(parts: AsyncIterable<AnswerPart>): AsyncGenerator<AnswerPart> {
    for await (const part of parts) {
      if (part.kind === 'head') this.accountId = part.accountId;
      yield part;
    }
  }

  read(event: AnswerEvent): readonly ChatStep[] {
    if (event.kind === 'begun') return [{ kind: 'begun', head: headOf(event.response, this.call) }];
    if (event.kind === 'ended') return this.end(event.outcome, event.response);
    return this.stopped ? NOTHING : this.piece(event);
  }

  private piece(event: AnswerEvent): readonly ChatStep[] {
    switch (event.kind) {
      case 'text':
        return this.text(event.delta);
      case 'refusal':
        return delta({ refusal: event.delta });
      case 'reasoning':
        return this.reasoning(event.key, event.form, event.delta);
      case 'call':
        return this.announce(event);
      case 'arguments':
        return this.argumentsOf(event.key, event.delta);
      default:
        return NOTHING;
    }
  }

  private text(piece: string): readonly ChatStep[] {
    const { text, stopped } = this.stops.push(piece);
    this.stopped = stopped;
    return text === '' ? NOTHING : delta({ content: text });
  }

  private reasoning(key: string, form: 'summary' | 'raw', text: string): readonly ChatStep[] {
    const last = this.reasoned.get(form);
    this.reasoned.set(form, key);
    const piece = last === undefined || last === key ? text : `\n\n${text}`;
    return delta(form === 'summary' ? { reasoning_content: piece } : { reasoning: piece });
  }

  private announce({ key, callId, name, form }: Extract<AnswerEvent, { kind: 'call' }>): readonly ChatStep[] {
    const { legacyFunctions } = this.call;
    const index = this.calls.size;
    // The old form has room for one call.
    if (legacyFunctions && index > 0) return NOTHING;
    this.calls.set(key, { index, form });
    if (legacyFunctions) return delta({ function_call: { name, arguments: '' } });
    const called = form === 'custom' ? { custom: { name, input: '' } } : { function: { name, arguments: '' } };
    return delta({ tool_calls: [{ index, id: callId, type: form, ...called }] });
  }

  private argumentsOf(key: string, text: string): readonly ChatStep[] {
    const known = this.calls.get(key);
    if (known === undefined) return NOTHING;
    if (this.call.legacyFunctions) return delta({ function_call: { arguments: text } });
    const { index, form } = known;
    const piece = form === 'custom' ? { custom: { input: text } } : { function: { arguments: text } };
    return delta({ tool_calls: [{ index, ...piece }] });
  }

  private end(outcome: 'completed' | 'incomplete', response: Fields): readonly ChatStep[] {
    const rest = this.stopped ? '' : this.stops.rest();
    const usage = chatUsage(response['usage']);
    const serviceTier = asText(response['service_tier']);
    const end: ChatEnd = {
      finishReason: this.finishReason(outcome, response),
      ...(usage === undefined ? {} : { usage }),
      ...(serviceTier === undefined ? {} : { serviceTier }),
      response,
      ...(this.accountId === undefined ? {} : { accountId: this.accountId }),
    };
    return [...(rest === '' ? NOTHING : delta({ content: rest })), { kind: 'ended', end }];
  }

  private finishReason(outcome: 'completed' | 'incomplete', response: Fields): string {
    if (outcome === 'incomplete' && !this.stopped) return cutReason(response);
    if (this.calls.size === 0) return 'stop';
    return this.call.legacyFunctions ? 'function_call' : 'tool_calls';
  }
}

function cutReason(response: Fields): string {
  const reason = asText(asFields(response['incomplete_details'])?.['reason']);
  return reason === 'content_filter' || reason === 'content-filter' ? 'content_filter' : 'length';
}

function headOf(response: Fields, { callId, receivedAtMs, model, tellsResponseId }: ChatCall): ChatHead {
  const id = asText(response['id']);
  const createdAt = response['created_at'];
  return {
    id: `chatcmpl-${id?.replace(/^resp_/, '') ?? callId}`,
    created: Math.floor(typeof createdAt === 'number' ? createdAt : receivedAtMs / 1000),
    model: asText(response['model']) ?? model,
    ...(tellsResponseId && id !== undefined ? { response_id: id } : {}),
  };
}
