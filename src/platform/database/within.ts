/** Work that took longer than its patience. It goes on: nobody waits for it any more. */
class TookTooLong extends Error {
  override readonly name = 'TookTooLong';

  constructor(patienceMs: number) {
    super(`Not done within ${patienceMs} ms.`);
  }
}

/** The work's result. @throws TookTooLong when it is not there in time, else what the work throws */
export async function within<T>(patienceMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TookTooLong(patienceMs)), patienceMs);
  });
  try {
    return await Promise.race([work, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
