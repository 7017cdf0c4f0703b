/** How to wait. `sleep` rejects with the signal's reason as soon as that aborts. */
export interface Patience {
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Source: what Codex CLIs do themselves, runtime contract §11.1. */
const EVERY_MS = 250;
const LONGEST_MS = 30_000;

/**
 * Ask until the answer is no longer "ask again", for at most 30 s.
 *
 * @returns the last answer, whatever it is
 * @throws what `ask` throws; the signal's reason when it aborts between two questions
 */
export async function whileRetry<Answer>(
  ask: () => Promise<Answer>,
  isRetry: (answer: Answer) => boolean,
  { now, sleep }: Patience,
  signal: AbortSignal,
): Promise<Answer> {
  const end = now() + LONGEST_MS;
  for (;;) {
    const answer = await ask();
    if (!isRetry(answer) || now() + EVERY_MS > end) return answer;
    await sleep(EVERY_MS, signal);
  }
}
