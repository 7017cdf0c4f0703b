const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span of time for people, in its one or two largest units: `45 s`, `14 min`, `2 h 14 min`, `3 d 4 h`. */
export function spanWords(ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  return span < DAY ? twoUnits(span, HOUR, 'h', MINUTE, 'min') : twoUnits(span, DAY, 'd', HOUR, 'h');
}

function twoUnits(span: number, large: number, name: string, small: number, smallName: string): string {
  const rest = Math.floor((span % large) / small);
  return `${Math.floor(span / large)} ${name}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** A moment as seen from another one: `in 2 h 14 min`, `3 d ago`. */
export const momentWords = (atMs: number, fromMs: number): string =>
  atMs >= fromMs ? `in ${spanWords(atMs - fromMs)}` : `${spanWords(fromMs - atMs)} ago`;
