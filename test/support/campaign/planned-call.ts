import { Dice } from '../../simulation/dice.js';
import { CONVERSATIONS, isConversation, type Lane } from './lanes.js';

/** What the upstream does with a call, and whether its client waits for it. */
export type Course =
  | 'completed'
  | 'incomplete'
  /** `response.failed` as the first word, about what the request says: nobody else is asked. */
  | 'refused in a stream'
  | 'failed with usage'
  | 'failed without usage'
  | 'no usage'
  /** A usage object that contradicts itself. */
  | 'absurd usage'
  | 'no terminal'
  | 'cut after text'
  | 'refused before a head'
  | 'client leaves before a head'
  | 'client leaves after text'
  /** The first account says no, the next one may serve. */
  | 'cut before text'
  | 'unavailable'
  | 'burst'
  | 'quota';

/** As the provider reports it: cached and written are part of the input, reasoning of the output. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  /** Absent: not said. */
  readonly cached?: number;
  readonly written?: number;
  readonly reasoning?: number;
}

export interface PlannedCall {
  readonly number: number;
  /** Label of its key. */
  readonly key: string;
  readonly lane: Lane;
  readonly course: Course;
  /** As the client names it. */
  readonly model: string;
  /** What the upstream says of its answer. */
  readonly usage: Usage;
  readonly servedModel?: string;
  readonly tier?: string;
  /** Pieces of text. */
  readonly deltas: number;
}

/** Keys and what their calls may come to. Rough ones belong to Pools whose accounts fail. */
export interface KeyPlan {
  readonly label: string;
  readonly rough: boolean;
  readonly models: readonly string[];
  /** How many of a hundred calls. */
  readonly share: number;
}

const LANE_SHARES: readonly (readonly [Lane, number])[] = [
  ['native', 24],
  ['native socket', 18],
  ['responses', 10],
  ['responses whole', 9],
  ['responses socket', 6],
  ['chat', 8],
  ['chat whole', 7],
  ['messages', 7],
  ['messages whole', 6],
  ['compact', 3],
  ['pictures', 1],
  ['speech', 1],
];

const CALM: readonly (readonly [Course, number])[] = [
  ['completed', 70],
  ['incomplete', 8],
  ['refused in a stream', 2],
  ['failed with usage', 4],
  ['failed without usage', 3],
  ['no usage', 3],
  ['absurd usage', 1],
  ['no terminal', 1],
  ['cut after text', 2],
  ['refused before a head', 2],
  ['client leaves before a head', 2],
  ['client leaves after text', 2],
];
const ROUGH: readonly (readonly [Course, number])[] = [
  ['completed', 76],
  ['incomplete', 6],
  ['cut before text', 4],
  ['unavailable', 4],
  ['burst', 5],
  ['quota', 5],
];
/** What may become of an answer that is no stream. */
const WHOLE: ReadonlySet<Course> = new Set<Course>([
  'completed',
  'no usage',
  'absurd usage',
  'refused before a head',
  'client leaves before a head',
  'burst',
  'quota',
]);

const TIERS = ['default', 'auto', 'flex', 'priority', 'fast', 'batch', 'nobody-prices-this'] as const;
const LONG_CONTEXT = 272_000;
const FEWEST_UNCACHED = 1_000;

function weighted<Value>(dice: Dice, shares: readonly (readonly [Value, number])[]): Value {
  let at = dice.below(shares.reduce((sum, [, share]) => sum + share, 0));
  const found = shares.find(([, share]) => (at -= share) < 0);
  if (found === undefined) throw new Error('Shares add up to nothing.');
  return found[0];
}

/** The same calls for the same seed. */
export function plannedCalls(count: number, seed: number, keys: readonly KeyPlan[]): PlannedCall[] {
  const dice = new Dice(seed);
  const shares = keys.map((key) => [key, key.share] as const);
  return Array.from({ length: count }, (_, number) => planned(number, weighted(dice, shares), dice));
}

function planned(number: number, { label, rough, models }: KeyPlan, dice: Dice): PlannedCall {
  const lane = weighted(dice, LANE_SHARES);
  const wanted = weighted(dice, rough ? ROUGH : CALM);
  const model = dice.pick(models);
  const servedModel = dice.chance(0.6) ? undefined : dice.chance(0.8) ? `${model}-2026-04-23` : 'gpt-5.6-luna';
  return {
    number,
    key: label,
    lane,
    course: !isConversation(lane) && !WHOLE.has(wanted) ? 'completed' : wanted,
    model,
    usage: usage(dice),
    deltas: dice.between(1, 3),
    ...(servedModel === undefined ? {} : { servedModel }),
    ...(dice.chance(0.6) ? {} : { tier: dice.pick(TIERS) }),
  };
}

/**
 * The same answers asked for in every way. Each has a number of tokens of its own that were neither cached nor written.
 *
 * @param first number of the first of these calls
 */
export function sameAnswers(count: number, seed: number, { label, models }: KeyPlan, first: number): PlannedCall[] {
  const dice = new Dice(seed);
  return Array.from({ length: count }, (_, answer) => {
    const { cached = 0, written = 0, ...used } = usage(dice);
    const call = {
      ...planned(0, { label, models, rough: false, share: 1 }, dice),
      usage: { ...used, cached, written, input: FEWEST_UNCACHED + answer + cached + written },
      course: dice.pick(['completed', 'incomplete', 'failed with usage'] as const),
    };
    return CONVERSATIONS.map((lane, way) => ({ ...call, lane, number: first + answer * CONVERSATIONS.length + way }));
  }).flat();
}

function usage(dice: Dice): Usage {
  if (dice.chance(0.01)) return { input: 0, output: 0 };
  const input = dice.chance(0.04)
    ? dice.pick([LONG_CONTEXT, LONG_CONTEXT + 1, dice.between(LONG_CONTEXT, 1_000_000)])
    : dice.between(0, 20_000);
  const output = dice.between(0, 4_000);
  const cached = dice.chance(0.7) ? dice.between(0, input) : undefined;
  const written = dice.chance(0.2) ? dice.between(0, input - (cached ?? 0)) : undefined;
  const reasoning = dice.chance(0.6) ? dice.between(0, output) : undefined;
  return {
    input,
    output,
    ...(cached === undefined ? {} : { cached }),
    ...(written === undefined ? {} : { written }),
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}
