import { asText, type Fields } from '../../core/index.js';

/**
 * Which item of an answer an event speaks of. Events name it by its place (`output_index`), by its id, or by both; the
 * last event by its place alone.
 */
export class PartKeys {
  private readonly byId = new Map<string, string>();

  /** @param item the item itself, where the event brings it */
  of(event: Fields, item?: Fields): string {
    const id = asText(event['item_id']) ?? asText(item?.['id']);
    const place = event['output_index'];
    const known = id === undefined ? undefined : this.byId.get(id);
    const key = known ?? (typeof place === 'number' ? String(place) : `#${id ?? ''}`);
    if (id !== undefined) this.byId.set(id, key);
    return key;
  }
}
