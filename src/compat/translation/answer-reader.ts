import { asFields, asFieldsList, asText, terminalOf, type Fields, type ResponseEvent } from '../../core/index.js';
import type { AnswerEvent } from './answer-event.js';
import { contradictsItself } from './contradicts-itself.js';
import { PartKeys } from './part-keys.js';
import { responseFailure } from './response-failure.js';

type Read = (json: Fields) => readonly AnswerEvent[];

const NOTHING: readonly AnswerEvent[] = [];

/** Reads a Responses stream event by event. Events that it does not know say nothing here, and do no harm. */
export class AnswerReader {
  private readonly keys = new PartKeys();
  /** The parts of which something was already told, so that a finished item does not tell it again. */
  private readonly told = new Set<string>();
  private readonly announced = new Set<string>();
  private readonly finished = new Map<string, Fields>();
  private begun = false;

  private readonly readers: Readonly<Record<string, Read>> = {
    'response.created': (json) => this.begin(asFields(json['response']) ?? {}),
    'response.output_text.delta': (json) => this.text('text', json, json['delta']),
    'response.output_text.done': (json) => this.unlessTold('text', json, json['text']),
    'response.refusal.delta': (json) => this.text('refusal', json, json['delta']),
    'response.refusal.done': (json) => this.unlessTold('refusal', json, json['refusal']),
    'response.reasoning_summary_text.delta': (json) => this.reasoning('summary', json, json['summary_index']),
    'response.reasoning_text.delta': (json) => this.reasoning('raw', json, json['content_index']),
    'response.output_item.added': (json) => this.added(json),
    'response.function_call_arguments.delta': (json) => this.argumentsOf(json, json['delta']),
    'response.custom_tool_call_input.delta': (json) => this.argumentsOf(json, json['delta']),
    'response.output_item.done': (json) => this.done(json),
  };

  /**
   * @returns what the event says, in order; a terminal event says `ended` last
   * @throws GatewayError when the answer is a failure
   */
  read(event: ResponseEvent): readonly AnswerEvent[] {
    const reader = this.readers[event.type];
    if (reader !== undefined) {
      if (contradictsItself(event)) return NOTHING;
      const json = asFields(event.json());
      return json === undefined ? NOTHING : this.afterBegin(reader(json));
    }
    const terminal = terminalOf(event);
    if (terminal === undefined) return NOTHING;
    if (terminal.outcome === 'failed') throw responseFailure(terminal, event.json());
    const response = terminal.response ?? {};
    const rest = asFieldsList(response['output']).flatMap((item, place) => this.done({ output_index: place, item }));
    const begun = this.begun ? NOTHING : this.begin(response);
    const whole = { ...response, status: terminal.outcome, output: this.output(response) };
    return [...begun, ...rest, { kind: 'ended', outcome: terminal.outcome, response: whole }];
  }

  private begin(response: Fields): readonly AnswerEvent[] {
    if (this.begun) return NOTHING;
    this.begun = true;
    return [{ kind: 'begun', response }];
  }

  private afterBegin(events: readonly AnswerEvent[]): readonly AnswerEvent[] {
    return this.begun || events.length === 0 ? events : [...this.begin({}), ...events];
  }

  private text(kind: 'text' | 'refusal', json: Fields, delta: unknown): readonly AnswerEvent[] {
    const piece = asText(delta);
    if (piece === undefined) return NOTHING;
    const key = this.contentKey(json);
    this.told.add(key);
    return [{ kind, key, delta: piece }];
  }

  private unlessTold(kind: 'text' | 'refusal', json: Fields, whole: unknown): readonly AnswerEvent[] {
    return this.told.has(this.contentKey(json)) ? NOTHING : this.text(kind, json, whole);
  }

  private contentKey(json: Fields): string {
    return partKey(this.keys.of(json), json['content_index']);
  }

  /** Parts of a summary are paragraphs. */
  private reasoning(form: 'summary' | 'raw', json: Fields, part: unknown): readonly AnswerEvent[] {
    const delta = asText(json['delta']);
    if (delta === undefined) return NOTHING;
    const key = this.keys.of(json);
    const isNext = this.told.has(key) && !this.told.has(partKey(key, part));
    this.told.add(key).add(partKey(key, part));
    return [{ kind: 'reasoning', key, form, delta: isNext ? `\n\n${delta}` : delta }];
  }

  private added(json: Fields): readonly AnswerEvent[] {
    const item = asFields(json['item']) ?? {};
    const key = this.keys.of(json, item);
    return isCall(item) && asText(item['name']) !== undefined ? this.announce(key, json, item) : NOTHING;
  }

  private announce(key: string, json: Fields, item: Fields): readonly AnswerEvent[] {
    if (this.announced.has(key)) return NOTHING;
    this.announced.add(key);
    const callId = asText(item['call_id']) ?? asText(item['id']) ?? asText(json['item_id']) ?? `call_${key}`;
    const form = item['type'] === 'custom_tool_call' ? 'custom' : 'function';
    return [{ kind: 'call', key, callId, name: asText(item['name']) ?? '', form }];
  }

  /** Before its call has a name they would belong to nothing; the finished item brings them then. */
  private argumentsOf(json: Fields, delta: unknown): readonly AnswerEvent[] {
    const key = this.keys.of(json);
    const piece = asText(delta);
    if (piece === undefined || !this.announced.has(key)) return NOTHING;
    this.told.add(key);
    return [{ kind: 'arguments', key, delta: piece }];
  }

  private done(json: Fields): readonly AnswerEvent[] {
    const item = asFields(json['item']);
    if (item === undefined) return NOTHING;
    const key = this.keys.of(json, item);
    if (this.finished.has(key)) return NOTHING;
    this.finished.set(key, item);
    if (item['type'] === 'message') return this.message(key, item);
    if (item['type'] === 'reasoning') return [...this.untoldReasoning(key, item), { kind: 'reasoned', key, item }];
    return isCall(item) ? this.call(key, json, item) : [{ kind: 'item', key, item }];
  }

  private message(key: string, item: Fields): readonly AnswerEvent[] {
    return asFieldsList(item['content']).flatMap((part, place): readonly AnswerEvent[] => {
      if (this.told.has(partKey(key, place))) return NOTHING;
      const refusal = part['type'] === 'refusal';
      const delta = asText(refusal ? part['refusal'] : part['text']);
      return delta === undefined ? NOTHING : [{ kind: refusal ? 'refusal' : 'text', key: partKey(key, place), delta }];
    });
  }

  private untoldReasoning(key: string, item: Fields): readonly AnswerEvent[] {
    if (this.told.has(key)) return NOTHING;
    for (const [form, field] of [['summary', 'summary'] as const, ['raw', 'content'] as const]) {
      const delta = asFieldsList(item[field])
        .flatMap((part) => asText(part['text']) ?? [])
        .join('\n\n');
      if (delta !== '') return [{ kind: 'reasoning', key, form, delta }];
    }
    return NOTHING;
  }

  private call(key: string, json: Fields, item: Fields): readonly AnswerEvent[] {
    const whole = asText(item['type'] === 'custom_tool_call' ? item['input'] : item['arguments']);
    const untold: readonly AnswerEvent[] =
      whole === undefined || this.told.has(key) ? NOTHING : [{ kind: 'arguments', key, delta: whole }];
    return [...this.announce(key, json, item), ...untold, { kind: 'called', key }];
  }

  /** A last event with items is right about them; the real service leaves them out of it. */
  private output(response: Fields): readonly unknown[] {
    const given = response['output'];
    return Array.isArray(given) && given.length > 0 ? (given as unknown[]) : [...this.finished.values()];
  }
}

const isCall = ({ type }: Fields): boolean => type === 'function_call' || type === 'custom_tool_call';

const partKey = (key: string, part: unknown): string => `${key}.${typeof part === 'number' ? part : 0}`;
