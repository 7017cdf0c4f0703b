import { median } from './figures.mjs';

const KIB = 1024;
const MIB = 1024 * 1024;

/** @returns of each round what `of` makes of its figures, `by` target; undefined when a target is not there */
function rounds({ results }, profile, names, of) {
  const lanes = names.map((name) => results[profile]?.[name]);
  if (lanes.some((lane) => lane === undefined)) return undefined;
  const values = lanes[0].map((_, round) => of(...lanes.map((lane) => lane[round])));
  return median(values.filter(Number.isFinite));
}

const ratio = (run, profile, one, other, figure) => rounds(run, profile, [one, other], (a, b) => a[figure] / b[figure]);

/** What one adds to the way without a gateway, as a share of what the other adds. */
const added = (run, profile, one, other, figure) =>
  rounds(
    run,
    profile,
    ['direct', one, other],
    (direct, a, b) => (a[figure] - direct[figure]) / (b[figure] - direct[figure]),
  );

const goal = (title, wanted, value, { least = false, unit = '×', digits = 2 } = {}) => ({
  title,
  wanted: `${least ? '≥' : '≤'} ${wanted} ${unit}`,
  measured: value === undefined ? undefined : `${value.toFixed(digits)} ${unit}`,
  ...(value === undefined ? {} : { pass: least ? value >= wanted : value <= wanted }),
});

const least = { least: true };

const firstByte = (run) =>
  [1, 50, 150].flatMap((atOnce) => {
    const profile = `streams-${atOnce}`;
    return [
      goal(`first text at ${atOnce}, against nginx`, 1.5, ratio(run, profile, 'ours', 'nginx', 'firstP50')),
      goal(
        `first text at ${atOnce}, added, of what Portkey adds`,
        0.06,
        added(run, profile, 'ours', 'Portkey', 'firstP50'),
      ),
      goal(
        `first text at ${atOnce}, added by our chat lane, of what codex-as-api adds`,
        0.4,
        added(run, profile, 'ours (chat)', 'codex-as-api', 'firstP50'),
      ),
    ];
  });

const delays = (run) => [
  goal('delay of an event p50, against the floor', 1.4, ratio(run, 'streams-50', 'ours', 'floor', 'delayP50')),
  goal('delay of an event p99, against the floor', 1.5, ratio(run, 'streams-50', 'ours', 'floor', 'delayP99')),
];

const rates = (run) => [
  goal('requests per core, 2 kB, against the floor', 0.5, ratio(run, 'S', 'ours', 'floor', 'perCore'), least),
  goal('requests per core, 2 kB, against Portkey', 5, ratio(run, 'S', 'ours', 'Portkey', 'perCore'), least),
  goal('requests per core, 560 kB, against the floor', 1.8, ratio(run, 'M', 'ours', 'floor', 'perCore'), least),
  goal('requests per core, 560 kB, against Portkey', 4, ratio(run, 'M', 'ours', 'Portkey', 'perCore'), least),
];

const lost = ({ faults }) => faults.filter(({ profile, lane }) => profile === 'streams-1000' && lane === 'ours').length;

const streams = (run) => [
  goal('many open streams: streams with a lost frame', 0, lost(run), { unit: '', digits: 0 }),
  goal(
    'many open streams: first text p99, against the floor',
    1.5,
    ratio(run, 'streams-1000', 'ours', 'floor', 'firstP99'),
  ),
];

const lanes = (run) =>
  ['chat', 'anthropic'].map((dialect) =>
    goal(
      `first text of the ${dialect} lane, against the native one`,
      1.6,
      ratio(run, 'streams-50', `ours (${dialect})`, 'ours', 'firstP50'),
    ),
  );

const needs = ({ footprint }) => [
  goal('memory of an open stream', 64, footprint.perStreamBytes / KIB, { unit: 'KiB', digits: 1 }),
  ...Object.entries(footprint.perSocketBytes).map(([count, bytes]) =>
    goal(`memory of a resting websocket, of ${count}`, 64, bytes / KIB, { unit: 'KiB', digits: 1 }),
  ),
  goal('memory, idle', 220, footprint.idleBytes / MIB, { unit: 'MiB', digits: 0 }),
  goal('event loop, longest stall at 560 kB', 10, footprint.stallMs.M, { unit: 'ms', digits: 1 }),
  goal('event loop, longest stall at 3.5 MB', 30, footprint.stallMs.L, { unit: 'ms', digits: 1 }),
  goal('start to ready', 3, footprint.startMs / 1_000, { unit: 's' }),
];

const costs = (run) => [
  goal(
    'requests per core, counted against not counted',
    0.8,
    ratio(run, 'S', 'ours', 'ours, nothing counted', 'perCore'),
    least,
  ),
  goal(
    'first text, counted minus not counted',
    0.3,
    rounds(run, 'streams-50', ['ours', 'ours, nothing counted'], (on, off) => on.firstP50 - off.firstP50),
    { unit: 'ms' },
  ),
  goal(
    'requests per core, one call in ten traced against none',
    0.95,
    ratio(run, 'S', 'ours', 'ours, not traced', 'perCore'),
    least,
  ),
  goal('two gateways against one, streams', 1.7, run.pair?.gain, least),
];

/** Each goal with its measured value; `pass` is absent where it could not be measured. */
export const goalsOf = (run) => [firstByte, delays, rates, streams, lanes, needs, costs].flatMap((group) => group(run));
