import type { CatalogEntry } from '../../core/index.js';

const MAX_ENTRIES = 1_000;
const MAX_SLUG_CHARS = 200;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * An upstream's model list: `{"models":[…]}`, `{"data":[…]}` or a bare array, each entry named by `slug` or `id`.
 * Entries without a usable name are dropped, of two with the same name the first stays. At most 1000.
 *
 * @returns undefined when the body is none of these forms
 */
export function catalogOf(body: unknown): readonly CatalogEntry[] | undefined {
  const list = Array.isArray(body) ? body : isObject(body) ? (body.models ?? body.data) : undefined;
  if (!Array.isArray(list)) return undefined;
  const entries = new Map<string, CatalogEntry>();
  for (const entry of list.slice(0, MAX_ENTRIES) as unknown[]) {
    if (!isObject(entry)) continue;
    const slug = nameOf(entry.slug) ?? nameOf(entry.id);
    if (slug !== undefined && !entries.has(slug)) entries.set(slug, { slug, entry });
  }
  return [...entries.values()];
}

function nameOf(value: unknown): string | undefined {
  const name = typeof value === 'string' ? value.trim() : '';
  return name.length > 0 && name.length <= MAX_SLUG_CHARS && !/\p{Cc}/u.test(name) ? name : undefined;
}
