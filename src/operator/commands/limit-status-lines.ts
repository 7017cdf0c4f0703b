import type { LimitStatus } from '../../accounting/index.js';
import { usdOf } from '../../core/index.js';

/** What is used of limits and what is left of them, for people; of those that count something. */
export const limitStatusLines = (statuses: readonly LimitStatus[]): readonly string[] =>
  statuses.filter(({ window }) => window !== 'request').map(lineOf);

function lineOf({ limit, max, current, reserved, remaining, model, resetsAtMs }: LimitStatus): string {
  const shown = limit.startsWith('usd') ? usdOf : String;
  const said = [
    `${shown(current)} of ${shown(max)} used`,
    ...(reserved === 0 ? [] : [`${shown(reserved)} reserved by running calls`]),
    `${shown(remaining)} left`,
    ...(resetsAtMs === undefined ? [] : [`more from ${new Date(resetsAtMs).toISOString()} on`]),
  ];
  return `    ${limit}${model === undefined ? '' : ` of ${model}`}: ${said.join(', ')}`;
}
