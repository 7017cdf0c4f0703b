import { z } from 'zod';
import { ControlError } from '../../control/index.js';
import { candidates, FOUND, textOrNone } from './fields.js';

const MOST = 10;

/** What of many is looked for by its names. */
interface Named {
  readonly id: string;
  readonly label: string;
  /** By which it is found beside its id. */
  readonly names: readonly string[];
}

type Candidate = z.input<typeof candidates>[number];

export type Found<T> =
  | { readonly status: 'ok'; readonly thing: T }
  | { readonly status: 'ambiguous' | 'not_found'; readonly candidates: Candidate[] };

/**
 * The one thing that a selector names: by its id, else by a name of it, whole. What is only like it, or one of several,
 * is not taken for it: then all that could be meant are told.
 */
export function findNamed<T>(all: readonly T[], wanted: string, nameOf: (thing: T) => Named): Found<T> {
  const asked = wanted.toLowerCase();
  const named = all.map((thing) => ({ thing, ...nameOf(thing) }));
  const byId = named.find(({ id }) => id.toLowerCase() === asked);
  const exact = byId ? [byId] : named.filter(({ names }) => names.some((name) => name.toLowerCase() === asked));
  const [one, ...more] = exact;
  if (one && more.length === 0) return { status: 'ok', thing: one.thing };
  const like = one ? exact : named.filter(({ names }) => names.some((name) => name.toLowerCase().includes(asked)));
  return {
    status: one ? 'ambiguous' : 'not_found',
    candidates: like.slice(0, MOST).map(({ id, label }) => ({ id, label })),
  };
}

/** The answer about one thing. */
export const detailOf = <Kind extends string, Item extends z.ZodType>(kind: Kind, item: Item) =>
  z.strictObject({
    status: FOUND,
    kind: z.literal(kind),
    item: item.nullable(),
    candidates,
    message: textOrNone,
  });

/** The answer about several. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    status: FOUND.describe('of the Pool that was named, if one was'),
    count: z.int(),
    limit: z.int(),
    items: z.array(item),
    candidates,
    message: textOrNone,
  });

const MESSAGES = {
  ambiguous: 'Several fit: ask again with one of these ids.',
  not_found: 'Nothing of that name is there to be seen.',
} as const;

type Missed = Exclude<Found<never>, { status: 'ok' }>;

const missing = ({ status, candidates: like }: Missed) => ({ status, candidates: like, message: MESSAGES[status] });

/** Tells of one thing, or why none is told of. */
export async function detail<Kind extends string, T, Item>(
  kind: Kind,
  found: Found<T>,
  told: (thing: T) => Item | Promise<Item>,
) {
  if (found.status !== 'ok') {
    const content = { kind, item: null, ...missing(found) };
    return { text: content.message, content };
  }
  const item = await told(found.thing);
  return {
    text: `One ${kind.replaceAll('_', ' ')}.`,
    content: { status: 'ok' as const, kind, item, candidates: [], message: null },
  };
}

/** Tells of as many as are wanted. */
export const list = <Item>(what: string, items: readonly Item[], limit: number) => ({
  text: `${Math.min(items.length, limit)} of ${items.length} ${what}.`,
  content: {
    status: 'ok' as const,
    count: Math.min(items.length, limit),
    limit,
    items: items.slice(0, limit),
    candidates: [],
    message: items.length > limit ? 'There are more: raise the limit, or narrow the question.' : null,
  },
});

/** A list of a Pool that is not there, or not one. */
export const noList = (found: Missed, limit: number) => {
  const content = { count: 0, limit, items: [], ...missing(found) };
  return { text: content.message, content };
};

/** What an operation tells of one thing; where it says that there is none, nothing was found. @throws ControlError */
export async function orMissing(asked: Promise<unknown>): Promise<Found<unknown>> {
  try {
    return { status: 'ok', thing: await asked };
  } catch (thrown) {
    if (!(thrown instanceof ControlError) || thrown.code !== 'not_found') throw thrown;
    return { status: 'not_found', candidates: [] };
  }
}
