import { setImmediate as tick } from 'node:timers/promises';

const STILL_MS = 1_500;

/** Resolves when the number has not changed for a while: whoever moves it waits for somebody. */
export async function standstill(count: () => number): Promise<void> {
  for (let [seen, since] = [count(), Date.now()]; Date.now() - since < STILL_MS; await tick()) {
    if (count() !== seen) [seen, since] = [count(), Date.now()];
  }
}
