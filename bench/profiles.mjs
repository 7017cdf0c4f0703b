import { closedLoop, openLoop } from './load/arrivals.mjs';

const KB = 1_000;
const EVERYBODY = ['direct', 'nginx', 'floor', 'codex-as-api', 'Portkey', 'ours', 'ours, nothing counted'];
const OURS = ['ours', 'ours, nothing counted', 'ours, not traced'];
const FIVE = ['direct', 'nginx', 'floor', 'ours'];
/** Codex CLIs send their whole conversation with each turn; half of those bodies are larger than this. */
const MIDDLE_BODY = 560 * KB;
const LARGE_BODY = 3_500 * KB;

const paced = { deltas: 50, paceMs: 20 };
const short = { deltas: 10, paceMs: 0 };

/** So many streams at once, each a second long: one starts when one ends, whatever has become of the others. */
const streams = (atOnce, more) => ({
  name: `streams-${atOnce}`,
  title: `50 events, 20 ms apart, ${atOnce} at once`,
  bodyBytes: 2 * KB,
  plan: paced,
  targets: EVERYBODY,
  run: ({ call, seconds }) =>
    atOnce === 1
      ? closedLoop({ lanes: 1, seconds, call })
      : openLoop({ perSecond: atOnce, count: Math.ceil(atOnce * seconds), call }),
  seconds: 2,
  ...more,
});

const saturated = (name, title, { bodyBytes, lanes, plan = short, targets, seconds = 1.5 }) => ({
  name,
  title,
  bodyBytes,
  plan,
  targets,
  seconds,
  run: ({ call, seconds: long }) => closedLoop({ lanes, seconds: long, call }),
});

/** All start within two seconds, and are open together for the time after. */
const manyStreams = ({ count, deltas }) => ({
  name: 'streams-1000',
  title: `${count} open streams, 10 events a second each`,
  bodyBytes: 2 * KB,
  plan: { deltas, paceMs: 100 },
  targets: FIVE,
  seconds: 6,
  run: ({ call }) => openLoop({ perSecond: count / 2, count, call }),
});

/**
 * What is asked of the targets in each round. `targets` names who takes part; `dialects` are lanes of ours beside the native
 * one; `plan` is what the upstream answers.
 */
export const profilesOf = ({ quick }) => [
  streams(1, { dialects: ['chat'] }),
  streams(50, { dialects: ['chat', 'anthropic'] }),
  streams(150, { dialects: ['chat'], seconds: 1.5 }),
  saturated('S', '2 kB bodies, 10 events, saturated', {
    bodyBytes: 2 * KB,
    lanes: 32,
    targets: [...EVERYBODY, 'ours, not traced'],
  }),
  saturated('M', '560 kB bodies, 10 events, saturated', { bodyBytes: MIDDLE_BODY, lanes: 8, targets: EVERYBODY }),
  saturated('L', '3.5 MB bodies, 10 events, saturated', { bodyBytes: LARGE_BODY, lanes: 4, targets: FIVE }),
  saturated('burst', '500 events in one go, saturated', {
    bodyBytes: 2 * KB,
    lanes: 8,
    plan: { deltas: 500, paceMs: 0 },
    targets: [...FIVE, 'Portkey'],
  }),
  saturated('terminal', 'a terminal event of 8 MiB', {
    bodyBytes: 2 * KB,
    lanes: 1,
    plan: { ...short, terminalBytes: 8 * 1024 * 1024 },
    targets: FIVE,
    seconds: 1,
  }),
  manyStreams(quick ? { count: 300, deltas: 30 } : { count: 1_000, deltas: 40 }),
];

export const isOurs = (name) => OURS.includes(name);
