import { spread } from './figures.mjs';
import { profilesOf } from './profiles.mjs';

const verdict = ({ pass }) => (pass === undefined ? 'not measured' : pass ? 'pass' : 'short');
const cells = (row) => `| ${row.join(' | ')} |`;

function table(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => [...row[column]].length)));
  const padded = (row) => row.map((cell, column) => cell + ' '.repeat(widths[column] - [...cell].length));
  return [head, head.map((_, column) => '-'.repeat(widths[column])), ...rows]
    .map((row) => cells(padded(row)))
    .join('\n');
}

/** The goals, as Markdown. */
export const goalTable = (goals) =>
  table(
    ['', 'goal', 'measured', ''],
    goals.map((goal) => [goal.title, goal.wanted, goal.measured ?? '–', verdict(goal)]),
  );

const number = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/** Middle, and in brackets the half of the rounds around it. */
function shown(rounds) {
  const values = rounds.filter(Number.isFinite);
  if (values.length === 0) return '–';
  const { median, lower, upper } = spread(values);
  return values.length === 1 ? number(median) : `${number(median)} (${number(lower)}–${number(upper)})`;
}

const COLUMNS = [
  ['first text p50, ms', 'firstP50'],
  ['p99', 'firstP99'],
  ['event delay p50, ms', 'delayP50'],
  ['p99', 'delayP99'],
  ['calls per second', 'rate'],
  ['calls per second of core', 'perCore'],
];

/** The figures of one profile, as Markdown. */
const profileTable = (lanes) =>
  table(
    ['', ...COLUMNS.map(([title]) => title)],
    Object.entries(lanes).map(([name, rounds]) => [
      name,
      ...COLUMNS.map(([, figure]) => shown(rounds.map((round) => round[figure]))),
    ]),
  );

/** @returns for each profile its title and its table, as Markdown */
export const profileTables = ({ results, quick }) =>
  profilesOf({ quick })
    .filter(({ name }) => results[name] !== undefined)
    .map(({ name, title }) => `### ${title}\n\n${profileTable(results[name])}`);

export function socketTable({ footprint: { sockets } }) {
  const rows = Object.entries(sockets).map(([name, { firstP50, delayP50, delayP99 }]) => [
    name,
    ...[firstP50, delayP50, delayP99].map(number),
  ]);
  return table(['', 'first text p50, ms', 'event delay p50, ms', 'p99'], rows);
}
