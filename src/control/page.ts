import { z } from 'zod';
import { invalidField } from './control-error.js';
import { isExactTime } from './instants.js';

const MAX_PAGE = 200;

/** Of every list: how many, and after which. Cursors are opaque and stay right while rows come and go. */
export const PAGE_INPUT = {
  limit: z.int().min(1).max(MAX_PAGE).default(50).describe('how many at most'),
  after: z.string().min(1).max(500).optional().describe('the cursor `next` of the page before'),
};

export interface PageAsked {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** One page: what is on it, and where the next one begins; absent: this is the last. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().optional() });

/**
 * A page of what is all in memory, sorted by its keys.
 *
 * @param keyOf unique. The next page begins after it also when the thing itself is gone by then
 */
export function pageIn<T>(
  items: readonly T[],
  { limit, after }: PageAsked,
  keyOf: (item: T) => string,
): { items: T[]; next?: string } {
  const start = after === undefined ? undefined : Buffer.from(after, 'base64url').toString();
  const rest = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => start === undefined || key > start)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const next = rest.length > page.length && last ? { next: Buffer.from(last.key).toString('base64url') } : {};
  return { items: page.map(({ item }) => item), ...next };
}

/** Where a page of a table ended that is sorted by a time, and by its ids where that is the same. */
export interface KeysetPosition {
  /** ISO 8601, as exact as the database has it. */
  readonly at: string;
  readonly id: string;
}

export const keysetCursor = ({ at, id }: KeysetPosition): string => Buffer.from(`${at} ${id}`).toString('base64url');

/** @throws ControlError `invalid_input` for a cursor that nobody made */
export function keysetPosition(cursor: string | undefined): KeysetPosition | undefined {
  if (cursor === undefined) return undefined;
  const [at = '', id = '', ...more] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (isExactTime(at) && z.uuid().safeParse(id).success && more.length === 0) return { at, id };
  throw invalidField('after', 'It is no cursor of this list.');
}
