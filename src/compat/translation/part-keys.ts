import { asText, type Fields } from '../../core/index.js';

/**
 * Which item of an answer an event speaks of. Events name it by its place (`output_index`), by its id, or by both; the
 * last event by its place alone. What names nothing speaks of the item of its kind that is still open.
 */
export class PartKeys {
  private readonly byName = new Map<string, string>();
  /** By kind: the item that was begun last and is not finished. */
  private readonly open = new Map<string, string>();
  /** By kind: items that nothing has named yet, in order. A later event may tell of them again, by name. */
  private readonly unnamed = new Map<string, string[]>();
  private count = 0;

  /** @param item the item itself, where the event brings it */
  of(event: Fields, item?: Fields): string {
    const kind = kindOf(event, item);
    const isStart = event['type'] === 'response.output_item.added';
    const names = namesOf(event, item);
    const known = names.map((name) => this.byName.get(name)).find((key) => key !== undefined);
    const key = known ?? (names.length === 0 ? this.anonymous(kind, isStart) : this.named(kind, names, item));
    for (const name of names) if (!this.byName.has(name)) this.byName.set(name, key);
    if (isStart) this.open.set(kind, key);
    else if (item !== undefined && this.open.get(kind) === key) this.open.delete(kind);
    return key;
  }

  private anonymous(kind: string, isStart: boolean): string {
    const open = isStart ? undefined : this.open.get(kind);
    if (open !== undefined) return open;
    this.count += 1;
    const key = `u${this.count}`;
    this.unnamed.set(kind, [...(this.unnamed.get(kind) ?? []), key]);
    this.open.set(kind, key);
    return key;
  }

  private named(kind: string, [name = '']: readonly string[], item: Fields | undefined): string {
    return (item === undefined ? undefined : this.unnamed.get(kind)?.shift()) ?? name;
  }
}

/** What an event says of the place and the id of its item. */
function namesOf(event: Fields, item: Fields | undefined): readonly string[] {
  const id = asText(event['item_id']) ?? asText(item?.['id']);
  const place = event['output_index'];
  return [...(id === undefined ? [] : [`i${id}`]), ...(typeof place === 'number' ? [String(place)] : [])];
}

const KINDS = [/reasoning/, /function_call|custom_tool_call/, /message|text|refusal/];

/** Of the item, or of the item that an event of this type is part of. */
function kindOf(event: Fields, item: Fields | undefined): string {
  const type = asText(item?.['type']) ?? asText(event['type']) ?? '';
  return String(KINDS.find((kind) => kind.test(type)) ?? type);
}
