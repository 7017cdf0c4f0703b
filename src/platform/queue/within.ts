/** What `result` gives, or `fallback` when that takes longer than `withinMs`; a later rejection is nobody's. */
export async function within<T>(result: Promise<T>, withinMs: number, fallback: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((give) => {
    timer = setTimeout(give, withinMs, fallback);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}
