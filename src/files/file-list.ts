import { GatewayError } from '../core/index.js';
import type { FilePage, ListedFile } from '../upstream/index.js';

const MAX_LIMIT = 1_000;

/** A file as OpenAI's clients know it. */
export const fileObject = (file: ListedFile): object => ({
  id: file.fileId,
  object: 'file',
  bytes: file.sizeBytes,
  created_at: file.createdAt,
  filename: file.name,
  purpose: file.purpose,
  status: file.status,
  expires_at: file.expiresAt,
});

/** What of a list is asked for. @throws GatewayError `invalid_request` with the parameter that is wrong */
export function filePage(query: unknown): FilePage {
  const { purpose, limit, order, after } = query as Readonly<Record<string, unknown>>;
  const wanted = limit === undefined ? MAX_LIMIT : Number(limit);
  if (!Number.isInteger(wanted) || wanted < 1) throw invalid('limit', 'limit must be a whole number from 1');
  if (order !== undefined && order !== 'asc' && order !== 'desc') throw invalid('order', 'order must be asc or desc');
  return {
    limit: Math.min(wanted, MAX_LIMIT),
    order: order ?? 'desc',
    ...textOf('purpose', purpose),
    ...textOf('after', after),
  };
}

/**
 * @param files the page and, when there are more, one beyond it
 */
export function fileList(files: readonly ListedFile[], { limit }: FilePage): object {
  const data = files.slice(0, limit);
  return {
    object: 'list',
    data: data.map(fileObject),
    first_id: data[0]?.fileId ?? null,
    last_id: data.at(-1)?.fileId ?? null,
    has_more: files.length > limit,
  };
}

function textOf(name: 'purpose' | 'after', value: unknown): Partial<FilePage> {
  if (value === undefined || value === '') return {};
  if (typeof value === 'string') return { [name]: value.replaceAll('\0', '') };
  throw invalid(name, `${name} must come once`);
}

const invalid = (param: string, message: string): GatewayError =>
  new GatewayError('invalid_request', message, { param });
