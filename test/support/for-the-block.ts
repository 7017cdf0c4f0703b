const HOOK_MS = 60_000;

/** What runs now, the last started on top. */
const running: (() => unknown)[] = [];

/**
 * Start something before the tests of the block that calls this, and stop it after them. What was started last stops
 * first: Jest runs `afterAll` hooks in the order they were made, and a gateway that loses its database before it is told
 * to end waits for it.
 *
 * @param stop also called when `start` failed
 */
export function forTheBlock(start: () => unknown, stop: () => unknown): void {
  beforeAll(async () => {
    running.push(stop);
    await start();
  }, HOOK_MS);
  afterAll(async () => {
    await running.pop()?.();
  }, HOOK_MS);
}
