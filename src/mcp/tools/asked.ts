import type { z } from 'zod';
import { ControlError, pageOf, poolView, type PoolView } from '../../control/index.js';
import type { ToolCall } from '../tool.js';
import { findNamed, type Found } from './found.js';

const PAGE = 200;

/** All that a list has, page after page. */
export async function everything<View extends z.ZodType>(
  call: ToolCall,
  operation: string,
  view: View,
  input: object = {},
): Promise<z.output<View>[]> {
  const all: z.output<View>[] = [];
  let after: string | undefined;
  do {
    const { items, next } = await pageFrom(call, operation, view, { ...input, limit: PAGE, ...(after && { after }) });
    all.push(...items);
    after = next;
  } while (after !== undefined);
  return all;
}

/** Some of a list that is too long to be looked through, the newest first. */
export interface Part<Item> {
  readonly items: Item[];
  /** How many there are; null: more than were counted. */
  readonly total: number | null;
  readonly nextOffset: number | null;
}

export async function part<View extends z.ZodType>(
  call: ToolCall,
  operation: string,
  view: View,
  { limit, offset, ...input }: { readonly limit: number; readonly offset: number } & Readonly<Record<string, unknown>>,
): Promise<Part<z.output<View>>> {
  const seen: z.output<View>[] = [];
  const end = offset + limit;
  let after: string | undefined;
  do {
    const { items, next } = await pageFrom(call, operation, view, { ...input, limit: PAGE, ...(after && { after }) });
    seen.push(...items);
    after = next;
  } while (after !== undefined && seen.length <= end);
  const isAll = after === undefined;
  return {
    items: seen.slice(offset, end),
    total: isAll ? seen.length : null,
    nextOffset: seen.length > end ? end : null,
  };
}

async function pageFrom<View extends z.ZodType>(call: ToolCall, operation: string, view: View, input: object) {
  return pageOf(view).parse(await call.ask(operation, input)) as { items: z.output<View>[]; next?: string };
}

export const allPools = (call: ToolCall): Promise<PoolView[]> => everything(call, 'pools.list', poolView);

export const findPool = (pools: readonly PoolView[], wanted: string): Found<PoolView> =>
  findNamed(pools, wanted, ({ id, slug, name }) => ({ id, label: slug, names: [slug, name] }));

/** The Pool that is meant; absent: none was named. */
export async function poolMeant(call: ToolCall, wanted: string | undefined): Promise<Found<PoolView> | undefined> {
  return wanted === undefined ? undefined : findPool(await allPools(call), wanted);
}

/** What a list filters by: the slug of the one Pool that is meant. @throws ControlError when it is none, or several */
export async function slugOf(call: ToolCall, wanted: string | undefined): Promise<{ pool?: string }> {
  const found = await poolMeant(call, wanted);
  if (found === undefined) return {};
  if (found.status === 'ok') return { pool: found.thing.slug };
  throw new ControlError('invalid_input', 'pool_id: names no Pool that is there to be seen, or several.');
}

/** Whether a thing has a text in one of its names. */
export const isLike = (wanted: string | undefined, names: readonly (string | null)[]): boolean =>
  wanted === undefined || names.some((name) => name?.toLowerCase().includes(wanted.toLowerCase()));

/** Only what was given. */
export const present = (given: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
