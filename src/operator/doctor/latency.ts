import { doubtful, well, type Finding } from './finding.js';

/** The first of them opens a connection and is not counted. */
const LOOKS = 6;

/** How long one question takes, in milliseconds: the median of a few, one after another. @throws what a question throws */
export async function medianMs(question: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let n = 0; n < LOOKS; n += 1) {
    const startedAtMs = performance.now();
    await question();
    took.push(performance.now() - startedAtMs);
  }
  const [, ...warm] = took;
  return warm.sort((a, b) => a - b)[Math.floor(warm.length / 2)] ?? 0;
}

/** @param what what was asked, as a sentence begins */
export function ofLatency(what: string, tookMs: number, slowMs: number): Omit<Finding, 'name'> {
  const said = `${what} in ${tookMs.toFixed(1)} ms`;
  return tookMs > slowMs ? doubtful(`${said}: every call waits for it several times`) : well(said);
}
