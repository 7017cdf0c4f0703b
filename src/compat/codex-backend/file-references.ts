type Fields = Readonly<Record<string, unknown>>;

const PARTS: ReadonlySet<unknown> = new Set(['input_file', 'input_image']);
/** Where an input item has its parts: a message, and what a tool gave back. */
const HOLDERS = ['content', 'output'] as const;
/** Tool outputs may wrap their content once more; nothing known goes deeper. */
const MAX_DEPTH = 3;

/**
 * The ids of the uploaded files that a Responses request refers to, each once.
 *
 * It looks at what was parsed and not for a name in the bytes: JSON can spell that name in many ways. Only the lists
 * that hold parts are walked, so that what it costs is the number of parts, whatever their size.
 *
 * @param input the request's `input`
 */
export function fileReferences(input: readonly unknown[]): readonly string[] {
  const found = new Set<string>();
  for (const item of input) collectFrom(item, found, MAX_DEPTH);
  return [...found];
}

function collectFrom(item: unknown, found: Set<string>, depth: number): void {
  if (depth === 0 || !isObject(item)) return;
  for (const holder of HOLDERS) {
    const held = item[holder];
    if (!Array.isArray(held)) {
      collectFrom(held, found, depth - 1);
      continue;
    }
    for (const part of held as unknown[]) {
      if (isObject(part) && PARTS.has(part['type']) && typeof part['file_id'] === 'string') found.add(part['file_id']);
      else collectFrom(part, found, depth - 1);
    }
  }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
