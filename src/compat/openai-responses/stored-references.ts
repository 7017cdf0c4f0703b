import { asFields, asText, type AccountId, type Fields } from '../../core/index.js';
import { isNamed, wrong } from './item-shape.js';
import { asInput } from './stored-context.js';

/** The items of a request that stand for items of stored answers. */
export const MAX_REFERENCES = 500;

export interface Reference {
  readonly id: string;
  /** Where it stands, e.g. `input[3]`. */
  readonly path: string;
}

/** An item of a stored answer. */
export interface Referred {
  readonly accountId: AccountId;
  readonly item: Fields;
}

/** @throws GatewayError with param `input` */
export function referencesIn({ input }: Fields): readonly Reference[] {
  const items: readonly unknown[] = Array.isArray(input) ? input : [input];
  const references = items.flatMap((item, index) => {
    const { type, id } = asFields(item) ?? {};
    return type === 'item_reference' && isNamed(id) ? [{ id: String(id), path: `input[${index}]` }] : [];
  });
  if (references.length <= MAX_REFERENCES) return references;
  throw wrong(`input has more than ${MAX_REFERENCES} references to items: send the items themselves`);
}

/**
 * The items as a client that keeps its own history would send them. Reasoning is only of use to the account that made it
 * (T27).
 *
 * @param accountId whose turn it is
 */
export const referredInput = (
  referred: ReadonlyMap<string, Referred>,
  accountId: AccountId | undefined,
): ReadonlyMap<string, readonly Fields[]> =>
  new Map(
    [...referred].map(([id, { item, accountId: maker }]) => {
      const isForeign = item['type'] === 'reasoning' && maker !== accountId;
      return [id, isForeign ? [] : asInput(item)];
    }),
  );

/** A request's items with those that it refers to in their places. One that it refers to again stands there already. */
export function withReferred(
  items: readonly Fields[],
  referred: ReadonlyMap<string, readonly Fields[]>,
): readonly Fields[] {
  const told = new Set<string>();
  return items.flatMap((item) => {
    const id = item['type'] === 'item_reference' ? asText(item['id']) : undefined;
    const found = id === undefined ? undefined : referred.get(id);
    if (id === undefined || found === undefined) return [item];
    if (told.has(id)) return [];
    told.add(id);
    return found;
  });
}
