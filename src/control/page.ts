import { z } from 'zod';

const MAX_PAGE = 200;

/** Of every list: how many, and after which. Cursors are opaque and stay right while rows come and go. */
export const PAGE_INPUT = {
  limit: z.int().min(1).max(MAX_PAGE).default(50).describe('how many at most'),
  after: z.string().min(1).max(500).optional().describe('the cursor `next` of the page before'),
};

/** One page: what is on it, and where the next one begins; absent: this is the last. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().optional() });

/**
 * A page of what is all in memory, in its order.
 *
 * @param keyOf unique, and in the order of the items
 */
export function pageIn<T>(
  items: readonly T[],
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
  keyOf: (item: T) => string,
): { items: T[]; next?: string } {
  const from = after === undefined ? 0 : items.findIndex((item) => keyOf(item) === decoded(after)) + 1;
  const page = items.slice(from, from + limit);
  const last = page.at(-1);
  const more = from + page.length < items.length;
  return { items: page, ...(more && last !== undefined ? { next: Buffer.from(keyOf(last)).toString('base64url') } : {}) };
}

const decoded = (cursor: string): string => Buffer.from(cursor, 'base64url').toString();
