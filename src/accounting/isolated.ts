/** SQLSTATE classes 22 and 23: the value itself is at fault, so the same write fails for ever. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && /^2[23]/.test(String((error as { code?: unknown }).code));

/**
 * Write items together. When the database refuses the data of one of them, write them one by one, so that a bad row
 * costs only itself. `write` must do all or nothing, and be safe to repeat.
 *
 * @returns the items that were refused for good
 * @throws what `write` throws for any other reason; some items may then be written
 */
export async function isolated<T>(items: readonly T[], write: (items: readonly T[]) => Promise<void>): Promise<T[]> {
  try {
    await write(items);
    return [];
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (items.length === 1) return [...items];
  }
  const refused: T[] = [];
  for (const item of items) refused.push(...(await isolated([item], write)));
  return refused;
}
