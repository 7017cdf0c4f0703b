import { z } from 'zod';

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
