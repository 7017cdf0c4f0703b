import { asFields, asFieldsList, asText, type Fields } from '../../core/index.js';

interface Named {
  readonly id: string;
  /** Whether the upstream left it to us: then it stays, whatever comes later. */
  readonly ours: boolean;
}

/** Of an event → the type of the item that it speaks of. */
const ABOUT: readonly (readonly [event: RegExp, item: string])[] = [
  [/^response\.(output_text|refusal|content_part)[._]/, 'message'],
  [/^response\.function_call_arguments\./, 'function_call'],
  [/^response\.custom_tool_call_input\./, 'custom_tool_call'],
  [/^response\.reasoning/, 'reasoning'],
];

/**
 * The items of one answer, as its events bring them: each has an id, the same in all events, and a place. Every reading
 * gives the object itself back when nothing in it has to change. Source: runtime contract §8.4.
 */
export class OutputItems {
  private readonly names = new Map<number, Named>();
  private readonly finished = new Map<number, Fields>();
  /** Text of which no finished item told so far. */
  private looseText = '';
  private looseId = 'message_0';
  private nextPlace = 0;

  constructor(private readonly namespaces: ReadonlyMap<string, string>) {}

  /** An event that brings an item, added or done. */
  item(event: Fields, isDone: boolean): Fields {
    const given = asFields(event['item']);
    if (given === undefined) return event;
    const place = this.placeOf(event, given);
    const item = this.placed(this.named(given, place, asText(event['item_id'])));
    if (isDone && !this.finished.has(place)) this.finished.set(place, item);
    return item === given && event['output_index'] === place ? event : { ...event, output_index: place, item };
  }

  /** An event about a part of an item. */
  part(type: string, event: Fields): Fields {
    const place = event['output_index'];
    if (typeof place !== 'number') return event;
    const own = asText(event['item_id']);
    const known = this.names.get(place);
    if (own !== undefined && known?.ours !== true) return event;
    const id = known?.id ?? this.invented(type, place);
    return id === undefined || id === own ? event : { ...event, item_id: id };
  }

  /** A piece of a message's text. */
  text(event: Fields): Fields {
    const told = this.part('response.output_text.delta', event);
    this.looseText += asText(told['delta']) ?? '';
    this.looseId = asText(told['item_id']) ?? this.looseId;
    return told;
  }

  /** All items of a response: its own when it has any; the real service leaves them out of its last event (T1). */
  output(response: Fields): readonly unknown[] {
    const given = response['output'];
    if (Array.isArray(given) && given.length > 0)
      return (given as unknown[]).map((item, place) => this.last(item, place));
    if (this.finished.size > 0) return [...this.finished.values()];
    return this.looseText === '' ? [] : [this.looseMessage()];
  }

  private placeOf(event: Fields, item: Fields): number {
    const given = event['output_index'];
    const id = asText(item['id']);
    const known = id === undefined ? undefined : [...this.names].find(([, name]) => name.id === id)?.[0];
    const place = typeof given === 'number' ? given : (known ?? this.nextPlace);
    this.nextPlace = Math.max(this.nextPlace, place + 1);
    return place;
  }

  private named(item: Fields, place: number, eventId: string | undefined): Fields {
    const own = asText(item['id']);
    const known = this.names.get(place);
    if (own !== undefined && known?.ours !== true) {
      this.names.set(place, { id: own, ours: false });
      return item;
    }
    const id = known?.id ?? asText(item['call_id']) ?? eventId ?? `${asText(item['type']) ?? 'item'}_${String(place)}`;
    this.names.set(place, { id, ours: true });
    return id === own ? item : { ...item, id };
  }

  /** A custom tool's call, in the namespace that the request declared it in (trap 30). */
  private placed(item: Fields): Fields {
    if (item['type'] !== 'custom_tool_call' || asText(item['namespace']) !== undefined) return item;
    const namespace = this.namespaces.get(asText(item['name']) ?? '');
    return namespace === undefined ? item : { ...item, namespace };
  }

  private invented(type: string, place: number): string | undefined {
    const item = ABOUT.find(([event]) => event.test(type))?.[1] ?? /^response\.(\w+_call)\./.exec(type)?.[1];
    if (item === undefined) return undefined;
    const id = `${item}_${String(place)}`;
    this.names.set(place, { id, ours: true });
    return id;
  }

  /** An item of the last event: without an id it is the one that was told of before, if it was. */
  private last(given: unknown, place: number): unknown {
    const item = asFields(given);
    if (item === undefined) return given;
    const whole = this.placed(item);
    if (asText(item['id']) !== undefined) return whole;
    const callId = asText(item['call_id']);
    const told = [...this.finished.values()].find((other) => callId !== undefined && other['call_id'] === callId);
    const beside = this.finished.get(place);
    const same = told ?? (beside?.['type'] === item['type'] ? beside : undefined);
    return { ...whole, id: asText(same?.['id']) ?? callId ?? `${asText(item['type']) ?? 'item'}_${String(place)}` };
  }

  private looseMessage(): Fields {
    const content = [{ type: 'output_text', text: this.looseText, annotations: [] }];
    return { id: this.looseId, type: 'message', status: 'completed', role: 'assistant', content };
  }
}

/** All text that the items say. */
export const textIn = (output: readonly unknown[]): string =>
  asFieldsList(output)
    .flatMap((item) => asFieldsList(item['type'] === 'message' ? item['content'] : undefined))
    .flatMap((part) => (part['type'] === 'output_text' ? (asText(part['text']) ?? []) : []))
    .join('');
