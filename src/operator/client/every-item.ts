import type { z } from 'zod';
import { pageOf } from '../../control/index.js';
import type { OperationsClient } from './operations-client.js';

const PAGE = 200;

/** All things of a list, page after page. @param item its view */
export async function everyItem<Item extends z.ZodType>(
  operations: OperationsClient,
  name: string,
  input: object,
  item: Item,
): Promise<z.output<Item>[]> {
  const view = pageOf(item);
  const items: z.output<Item>[] = [];
  for (let after: string | undefined; ;) {
    const page = await operations.ask(name, { ...input, limit: PAGE, ...(after !== undefined && { after }) }, view);
    items.push(...page.items);
    if (page.next === undefined) return items;
    after = page.next;
  }
}
