import { doubtful, unwell, well, type Finding } from './finding.js';

/** Tokens and quota resets are compared with the clock; more than this and they are read wrongly. */
const WRONG_MS = 5_000;
/** What time servers keep clocks well below. */
const DOUBTFUL_MS = 1_000;

interface Look {
  readonly askedAtMs: number;
  /** What the database said in between. */
  readonly saidMs: number;
  readonly answeredAtMs: number;
}

/** How far this machine's clock is from the database's, at least: the way there and back is nobody's fault. */
export function ofClock({ askedAtMs, saidMs, answeredAtMs }: Look): Omit<Finding, 'name'> {
  const apartMs = Math.max(0, askedAtMs - saidMs, saidMs - answeredAtMs);
  const said = `${apartMs} ms apart from the database's`;
  if (apartMs > WRONG_MS) return unwell(said);
  return apartMs > DOUBTFUL_MS ? doubtful(said) : well('agrees with the database');
}
