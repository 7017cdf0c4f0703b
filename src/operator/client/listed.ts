import type { z } from 'zod';
import { pageOf } from '../../control/index.js';
import type { OperationsClient } from './operations-client.js';

const MAX_PAGE = 200;

interface Wanted {
  /** Absent: all there are. */
  readonly limit?: number;
  /** The `next` of what was listed before. */
  readonly after?: string | undefined;
}

/** So many of a list, however many pages that takes; and where the rest begins, if there is more. */
export async function listed<Item extends z.ZodType>(
  operations: OperationsClient,
  name: string,
  input: object,
  item: Item,
  { limit = Infinity, after }: Wanted = {},
): Promise<{ readonly items: readonly z.output<Item>[]; readonly next?: string }> {
  const items: z.output<Item>[] = [];
  let next = after;
  do {
    const asked = {
      ...input,
      limit: Math.min(MAX_PAGE, limit - items.length),
      ...(next !== undefined && { after: next }),
    };
    const page = await operations.ask(name, asked, pageOf(item));
    items.push(...page.items);
    next = page.next;
  } while (next !== undefined && items.length < limit);
  return { items, ...(next !== undefined && { next }) };
}
