import { asText, type Fields } from '../core/index.js';

/** Which part of a list is wanted. What makes no sense is as if it was not asked for (T22). */
export interface ListQuery {
  /** Absent: all of it. */
  readonly limit?: number;
  /** The id of the entry before the first. */
  readonly after?: string;
  /** Newest first. */
  readonly descending: boolean;
}

interface Entry extends Fields {
  readonly id: string;
}

const COUNT = /^\d{1,9}$/;

/** @param query of the address; repeated names are lists there */
export function listQuery(query: Fields): ListQuery {
  const limit = asText(query['limit']) ?? '';
  const after = asText(query['after']);
  return {
    descending: query['order'] === 'desc',
    ...(COUNT.test(limit) && Number(limit) > 0 ? { limit: Number(limit) } : {}),
    ...(after === undefined ? {} : { after }),
  };
}

/** The part of a list that is at hand, oldest first. */
export function pageOf(entries: readonly Entry[], { limit, after, descending }: ListQuery): Fields {
  const ordered = descending ? entries.toReversed() : entries;
  const start = after === undefined ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  const end = limit === undefined ? ordered.length : start + limit;
  return listBody(ordered.slice(start, end), end < ordered.length);
}

export const listBody = (data: readonly Fields[], hasMore: boolean): Fields => ({
  object: 'list',
  data,
  first_id: data[0]?.['id'] ?? null,
  last_id: data.at(-1)?.['id'] ?? null,
  has_more: hasMore,
});
