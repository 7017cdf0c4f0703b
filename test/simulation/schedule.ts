import {
  EVIDENCE_POLICIES,
  ROUTING_STRATEGIES,
  type EvidencePolicy,
  type RoutingStrategy,
} from '../../src/core/index.js';
import { Dice } from './dice.js';

/** What can happen, and how often in comparison. */
const WEIGHTS = {
  call: 24,
  fill: 3,
  saved_reset: 1,
  burst: 2,
  outage: 2,
  overload: 1,
  model_gone: 1,
  ban: 1,
  token_ends: 1,
  login_lost: 1,
  relink: 1,
  pause: 1,
  resume: 1,
  drain: 1,
  delete: 1,
  usage: 3,
  glitch: 1,
  crash: 1,
} as const;

export type StepKind = keyof typeof WEIGHTS;

/** One thing that happens. Numbers that are too high for the setup begin again at 0. */
export interface Step {
  readonly kind: StepKind;
  /** After the step before. */
  readonly afterMs: number;
  readonly account: number;
  readonly replica: number;
  readonly session: number;
  /** Whatever else there is to decide. */
  readonly dice: number;
}

export interface Setup {
  readonly accounts: number;
  readonly replicas: number;
  readonly sessions: number;
  readonly strategy: RoutingStrategy;
  readonly evidence: EvidencePolicy;
  readonly ringSize?: number;
  readonly cacheLocality: boolean;
  readonly sessionMoves: boolean;
  readonly accountLimit: number;
  readonly keyLimit?: number;
  readonly poolLimit?: number;
  readonly classLimit: number;
  readonly queueWaitMs: number;
  /** How long an announcement takes to the other replicas; absent: it is lost. */
  readonly announceMs?: number;
}

export interface Schedule {
  readonly setup: Setup;
  readonly steps: readonly Step[];
}

const KINDS: readonly StepKind[] = Object.entries(WEIGHTS).flatMap(([kind, weight]) =>
  Array.from({ length: weight }, () => kind as StepKind),
);

/** Mostly things happen at once, or one right after the other; now and then much later. */
function pause(dice: Dice): number {
  const throwing = dice.throw();
  if (throwing < 0.3) return 0;
  if (throwing < 0.6) return dice.between(1, 300);
  if (throwing < 0.8) return dice.between(300, 3_000);
  if (throwing < 0.95) return dice.between(3_000, 70_000);
  return dice.between(70_000, 1_200_000);
}

function setupOf(dice: Dice): Setup {
  const announceMs = dice.chance(0.75) ? dice.pick([0, 20, 200]) : undefined;
  return {
    accounts: dice.chance(0.8) ? dice.between(2, 4) : dice.between(5, 8),
    replicas: dice.between(1, 3),
    sessions: dice.between(1, 4),
    strategy: dice.pick(ROUTING_STRATEGIES),
    evidence: dice.chance(0.75) ? 'optimistic' : dice.pick(EVIDENCE_POLICIES),
    ...(dice.chance(0.2) ? { ringSize: dice.between(1, 3) } : {}),
    cacheLocality: dice.chance(0.5),
    sessionMoves: dice.chance(0.7),
    accountLimit: dice.chance(0.5) ? dice.between(1, 2) : 8,
    ...(dice.chance(0.2) ? { keyLimit: dice.between(1, 4) } : {}),
    ...(dice.chance(0.2) ? { poolLimit: dice.between(1, 6) } : {}),
    classLimit: dice.chance(0.2) ? dice.between(1, 4) : 64,
    queueWaitMs: dice.pick([0, 400, 2_000]),
    ...(announceMs === undefined ? {} : { announceMs }),
  };
}

const stepOf = (dice: Dice): Step => ({
  kind: dice.pick(KINDS),
  afterMs: pause(dice),
  account: dice.below(8),
  replica: dice.below(3),
  session: dice.below(4),
  dice: dice.below(0x7fff_ffff),
});

/** The same seed, the same schedule: 10 to 40 steps. */
export function scheduleOf(seed: number): Schedule {
  const dice = new Dice(seed);
  const setup = setupOf(dice);
  return {
    setup,
    steps: Array.from({ length: dice.chance(0.9) ? dice.between(10, 15) : dice.between(16, 40) }, () => stepOf(dice)),
  };
}
