import {
  asFields,
  asText,
  frameOf,
  GatewayError,
  type Fields,
  type ResponseEvent,
  type TerminalKind,
} from '../../core/index.js';
import { contradictsItself } from '../translation/contradicts-itself.js';
import { responseFailure } from '../translation/response-failure.js';
import { beginningResponse, finishedResponse, type AnswerShape } from './answer-shape.js';
import { failedEvent } from './failed-response.js';
import { OutputItems, textIn } from './output-items.js';

/** One event as a public client gets it. */
export interface PublicEvent {
  readonly type: string;
  readonly fields: Fields;
  /** Set when the upstream's own text says exactly this. */
  readonly asSent?: ResponseEvent;
}

/** What of an upstream's stream is between the upstream and us. */
const OURS: ReadonlySet<string> = new Set(['', 'keepalive', 'response.metadata']);
const CONTROL = 'codex.';
const MAX_SEQUENCE = Number.MAX_SAFE_INTEGER;
const LINE_BREAK = /[\r\n]/;

/** The JSON of an event, on one line. The upstream's own text is not written anew when nothing in it changed. */
export function textOf({ fields, asSent }: PublicEvent): string {
  const sent = asSent && frameOf(asSent);
  return sent === undefined || LINE_BREAK.test(sent) ? JSON.stringify(fields) : sent;
}

/**
 * One answer of the backend, event by event, as clients of `/v1/responses` get it. Source: runtime contract §8.4,
 * seed-features §1.1.
 */
export class PublicAnswer {
  private readonly items: OutputItems;
  /** As the upstream introduced it. */
  private response: Fields = {};
  private sequence = -1;
  private introduced = false;
  private hasText = false;

  private readonly readers: Readonly<Record<string, (json: Fields) => Fields>> = {
    'response.output_item.added': (json) => this.items.item(json, false),
    'response.output_item.done': (json) => this.items.item(json, true),
    'response.output_text.delta': (json) => this.textDelta(json),
  };

  constructor(private readonly shape: AnswerShape) {
    this.items = new OutputItems(shape.namespaces);
  }

  /**
   * @returns undefined for an event that is not for clients
   * @throws GatewayError `websocket_sequence_exhausted`
   */
  passed(event: ResponseEvent): PublicEvent | undefined {
    const { type } = event;
    if (OURS.has(type) || type.startsWith(CONTROL) || contradictsItself(event)) return undefined;
    const given = asFields(event.json());
    if (given === undefined) return undefined;
    if (type === 'response.created') this.introduced = true;
    const fields = this.read(type, given);
    const sequence = this.next(given['sequence_number']);
    if (sequence === MAX_SEQUENCE) {
      throw new GatewayError('websocket_sequence_exhausted', 'The answer has more events than can be numbered.');
    }
    if (fields === given && given['type'] === type && given['sequence_number'] === sequence) {
      return { type, fields, asSent: event };
    }
    return { type, fields: { ...fields, type, sequence_number: sequence } };
  }

  /** What clients wait for first, where the upstream leaves it out. @returns undefined when they had it already */
  introduction({ response = {} }: TerminalKind): PublicEvent | undefined {
    if (this.introduced) return undefined;
    const { responseId, model, createdAt } = this.shape;
    const known = { id: asText(response['id']) ?? responseId, object: 'response', created_at: createdAt };
    return this.made({
      type: 'response.created',
      response: { ...known, status: 'in_progress', model, output: [] },
    });
  }

  /** The whole response, in the end. */
  whole({ outcome, response = {}, usage }: TerminalKind): Fields {
    const known = { ...idOf(this.response), ...response, ...(usage === undefined ? {} : { usage }) };
    return finishedResponse(known, this.items.output(response), outcome, this.shape);
  }

  /** The last events of an answer that has an end. @param response as `whole` gives it */
  ending(event: ResponseEvent, terminal: TerminalKind, response: Fields): readonly PublicEvent[] {
    const type = `response.${terminal.outcome}`;
    const given = asFields(event.json()) ?? {};
    const frame = asFields(given['response']) === undefined ? {} : withoutHeaders(given);
    const before = terminal.outcome === 'incomplete' && this.isSilent ? [] : this.repairs(terminal, response);
    return [...before, this.made({ ...frame, type, response }, given['sequence_number'])];
  }

  /** The last events of an answer that the upstream says failed. */
  failure(event: ResponseEvent, terminal: TerminalKind): readonly PublicEvent[] {
    const json = asFields(event.json());
    const error = responseFailure(terminal, json);
    const introduction = this.isSilent ? undefined : this.introduction(terminal);
    const { response = {}, usage } = terminal;
    const failed = failedEvent(error, { ...this.known(), ...response, ...(usage === undefined ? {} : { usage }) });
    return [...(introduction ? [introduction] : []), this.made(failed, json?.['sequence_number'])];
  }

  /** The last event of an answer that has no end of its own. */
  brokenOff(error: GatewayError): PublicEvent {
    return this.made(failedEvent(error, this.known()));
  }

  private get isSilent(): boolean {
    return this.sequence < 0;
  }

  private known(): Fields {
    return { model: this.shape.model, created_at: this.shape.createdAt, ...this.response };
  }

  private read(type: string, given: Fields): Fields {
    const json = 'headers' in given ? withoutHeaders(given) : given;
    const reader = this.readers[type];
    if (reader) return reader(json);
    return 'response' in json ? this.begin(json) : this.items.part(type, json);
  }

  private begin(json: Fields): Fields {
    const given = asFields(json['response']);
    if (given === undefined) return json;
    const response = beginningResponse(given, this.shape);
    this.response = response;
    return response === given ? json : { ...json, response };
  }

  private textDelta(json: Fields): Fields {
    this.hasText ||= asText(json['delta']) !== undefined;
    return this.items.text(json);
  }

  /** What a client would miss that reads the events and not the last one's response. */
  private repairs(terminal: TerminalKind, { output }: Fields): readonly PublicEvent[] {
    const introduction = this.introduction(terminal);
    const list = Array.isArray(output) ? (output as unknown[]) : [];
    const delta = this.hasText ? '' : textIn(list);
    const place = list.findIndex((item) => asFields(item)?.['type'] === 'message');
    const at = { item_id: asFields(list[place])?.['id'], output_index: place, content_index: 0 };
    const text = delta === '' ? undefined : this.made({ type: 'response.output_text.delta', ...at, delta });
    return [introduction, text].filter((event) => event !== undefined);
  }

  /** @param given the upstream's own number, where the event is the upstream's */
  private made(fields: Fields & { readonly type: string }, given?: unknown): PublicEvent {
    const { type } = fields;
    if (type === 'response.created') this.introduced = true;
    return { type, fields: { ...fields, sequence_number: this.next(given) } };
  }

  /** Always a higher one than before; the upstream's where it is. */
  private next(given: unknown): number {
    const follows = typeof given === 'number' && Number.isSafeInteger(given) && given > this.sequence;
    this.sequence = follows ? given : Math.min(this.sequence + 1, MAX_SEQUENCE);
    return this.sequence;
  }
}

const idOf = ({ id }: Fields): Fields => (id === undefined ? {} : { id });

const withoutHeaders = ({ headers: _headers, ...rest }: Fields): Fields => rest;
