const MAX_ENTRIES = 32;
const MAX_DEPTH = 3;
const MAX_LENGTH = 4_096;
/** Ids, codes, days: nothing that could be a sentence of somebody's. */
const WORD = /^[\w.:+-]{1,64}$/;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * As much of what a job returned as may be kept: numbers, booleans, ids and code words; other text is left out.
 *
 * @returns plain JSON of at most 4096 characters; `undefined` when there is nothing to keep
 */
export function keptResult(returned: unknown): unknown {
  const kept = keptValue(returned, 0);
  return kept !== undefined && JSON.stringify(kept).length > MAX_LENGTH ? { tooLong: true } : kept;
}

function keptValue(value: unknown, depth: number): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return WORD.test(value) ? value : undefined;
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return undefined;
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).flatMap((each) => keptValue(each, depth + 1) ?? []);
  return keptFields(value, depth + 1);
}

function keptFields(value: object, depth: number): object {
  const fields = Object.entries(value).filter(([name]) => WORD.test(name));
  const kept = fields.slice(0, MAX_ENTRIES).map(([name, each]) => [name, keptValue(each, depth)] as const);
  return Object.fromEntries(kept.filter(([, each]) => each !== undefined));
}

/** A code, or the type of the error. Messages may hold what must not be kept. */
export function errorCodeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  for (const word of ['code' in error ? error.code : undefined, error.name]) {
    if (typeof word === 'string' && WORD.test(word)) return word;
  }
  return 'unknown';
}

/** The one id in a job's data: what the job is done for; empty when it is for all or for many. */
export function targetOf(data: unknown): string {
  if (typeof data !== 'object' || data === null) return '';
  const ids = Object.values(data).filter((value): value is string => typeof value === 'string' && ID.test(value));
  return ids.length === 1 ? (ids[0] ?? '') : '';
}
