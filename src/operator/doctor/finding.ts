/** One thing that was looked at. `detail` holds no secret. */
export interface Finding {
  readonly name: string;
  /** `warning`: it works, and somebody should look. */
  readonly state: 'ok' | 'warning' | 'failed';
  readonly detail: string;
}

type Seen = Omit<Finding, 'name'>;

export const well = (detail: string): Seen => ({ state: 'ok', detail });
export const doubtful = (detail: string): Seen => ({ state: 'warning', detail });
export const unwell = (detail: string): Seen => ({ state: 'failed', detail });

/** Looks, for so long at most. What fails, or hangs, is what was to be found out. */
export async function examine(name: string, look: () => Promise<Seen>): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Seen>((done) => {
    timer = setTimeout(done, PATIENCE_MS, unwell(`did not answer within ${PATIENCE_MS} ms`));
  });
  try {
    return { name, ...(await Promise.race([look(), late])) };
  } catch {
    return { name, ...unwell('did not answer') };
  } finally {
    clearTimeout(timer);
  }
}

const PATIENCE_MS = 10_000;
