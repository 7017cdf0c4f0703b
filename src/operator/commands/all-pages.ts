import type { z } from 'zod';
import type { OperationsClient } from '../client/operations-client.js';

/**
 * All items of a list, or the first of them, page after page.
 *
 * @param most how many at most
 * @param perPage as many as the operation gives at once
 */
export async function* pages<Page extends z.ZodType<{ items: unknown[]; next?: string | undefined }>>(
  operations: OperationsClient,
  name: string,
  input: object,
  { view, perPage, most = Infinity }: { readonly view: Page; readonly perPage: number; readonly most?: number },
): AsyncGenerator<z.output<Page>> {
  let [left, after] = [most, 'after' in input ? input.after : undefined];
  do {
    const asked = { ...input, limit: Math.min(left, perPage), ...(after === undefined ? {} : { after }) };
    const page: z.output<Page> = await operations.ask(name, asked, view);
    left -= page.items.length;
    after = page.next;
    yield page;
  } while (after !== undefined && left > 0);
}

/** The same items in one list. */
export async function all<Item>(
  operations: OperationsClient,
  name: string,
  input: object,
  list: {
    readonly view: z.ZodType<{ items: Item[]; next?: string | undefined }>;
    readonly perPage: number;
    readonly most?: number;
  },
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages(operations, name, input, list)) items.push(...page.items);
  return items;
}
