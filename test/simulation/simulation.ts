import type { AccountId } from '../../src/core/index.js';
import type { LifecycleEvent } from '../../src/upstream/lifecycle/account-transitions.js';
import { recovered } from './recovery.js';
import { Dice } from './dice.js';
import { Violation } from './oracle.js';
import { Passage } from './passage.js';
import { LEASE_MS } from './premises.js';
import type { Replica } from './knowledge.js';
import type { Schedule, Step, StepKind } from './schedule.js';
import { REAL, type Subject } from './subject.js';
import { noFigures, World, type Figures } from './world.js';

export interface Outcome {
  readonly violation?: Violation;
  /** Of all that happened. */
  readonly hash: number;
}

/** One step on its way. */
interface Scene {
  readonly world: World;
  readonly id: AccountId;
  readonly replica: Replica;
  readonly dice: Dice;
  readonly step: Step;
}

const at = <Value>(values: readonly Value[], index: number): Value => {
  const value = values[index % values.length];
  if (value === undefined) throw new Error('Nobody is there.');
  return value;
};

/** The operator, through any replica. */
const operator =
  (event: LifecycleEvent) =>
  ({ world, id, replica }: Scene): void => {
    if (!world.knowledge.lifecycle(id, event)) return;
    world.announce(replica);
    if (event === 'relink') {
      world.upstream.of(id).token = 'good';
      world.oracle.forget(id);
    }
  };

const STEPS: Readonly<Record<StepKind, (scene: Scene) => void>> = {
  call: ({ world, replica, dice, step }) => {
    const client = at(world.clients, step.session);
    const { call, facts } = client.ask(dice, `c${world.figures.calls.toString(16)}`);
    world.began(new Passage(world, replica, client, call, facts, world.caller, dice));
  },
  fill: ({ world, id, dice }) => {
    const window = dice.pick(world.upstream.windowsOf(id, world.nowMs));
    window.usedPercent = Math.max(window.usedPercent, dice.chance(0.7) ? 100 : 99);
  },
  saved_reset: ({ world, id }) => {
    for (const window of world.upstream.windowsOf(id, world.nowMs)) {
      window.usedPercent = 0;
      window.resetsAtMs = world.nowMs + window.windowMinutes * 60_000;
    }
    world.oracle.forget(id);
  },
  burst: ({ world, id, dice }) => {
    const untilMs = world.nowMs + dice.between(500, 30_000);
    const asked = dice.chance(0.5) ? { askedMs: dice.between(1, 20) * 1_000 } : {};
    world.upstream.of(id).burst = { untilMs, ...asked };
  },
  outage: ({ world, id, dice }) => {
    world.upstream.of(id).outage = {
      untilMs: world.nowMs + dice.between(1_000, 200_000),
      code: world.upstream.outageCode(dice),
    };
  },
  overload: ({ world, dice }) => {
    world.upstream.overloadedUntilMs = world.nowMs + dice.between(500, 15_000);
  },
  model_gone: ({ world, id, dice }) => {
    const { gone } = world.upstream.of(id);
    const model = dice.chance(0.7) ? 'gpt-5.5' : 'gpt-5.4';
    if (!gone.delete(model)) gone.add(model);
  },
  ban: ({ world, id, dice }) => {
    world.upstream.of(id).bannedUntilMs = world.nowMs + dice.between(1_000, 100_000);
  },
  token_ends: ({ world, id, dice }) => {
    const truth = world.upstream.of(id);
    if (truth.token === 'good') truth.token = 'over';
    if (dice.chance(0.4)) truth.loginServerAwayUntilMs = world.nowMs + dice.between(1_000, 60_000);
  },
  login_lost: ({ world, id }) => {
    world.upstream.of(id).token = 'lost';
  },
  relink: operator('relink'),
  pause: operator('pause'),
  resume: operator('resume'),
  drain: operator('drain'),
  delete: operator('delete'),
  usage: ({ world, id, replica }) => {
    const { account, isDeleted } = world.knowledge.of(id);
    if (isDeleted || world.upstream.of(id).token !== 'good') return;
    world.heard(replica, id, world.upstream.report(id, 'usage', world.nowMs), account.credentialEpoch);
  },
  // Now and then the provider says that nothing is used.
  glitch: ({ world, id, replica }) => {
    const { account, isDeleted } = world.knowledge.of(id);
    if (isDeleted) return;
    const { windows } = world.upstream.report(id, 'headers', world.nowMs);
    const empty = windows.map((window) => ({ ...window, usedPercent: 0 }));
    world.glitched(id);
    world.heard(
      replica,
      id,
      { source: 'headers', windows: empty, wholeMeters: [], meters: [] },
      account.credentialEpoch,
    );
  },
  crash: ({ world, replica }) => world.crash(replica),
};

/** Live through a schedule. The same schedule comes to the same end. */
export function live({ setup, steps }: Schedule, subject: Subject = REAL, figures: Figures = noFigures()): Outcome {
  const world = new World(setup, subject, figures, new Dice(1));
  const ids = world.knowledge.all.map(({ account }) => account.id);
  try {
    for (const step of steps) {
      world.pass(world.nowMs + step.afterMs);
      figures.steps += 1;
      const [id, replica] = [at(ids, step.account), at(world.replicas, step.replica)];
      STEPS[step.kind]({ world, id, replica, dice: new Dice(step.dice), step });
    }
    world.settle();
    world.pass(world.nowMs + LEASE_MS);
    world.checkLeases();
    recovered(world);
    return { hash: world.hash };
  } catch (thrown) {
    if (thrown instanceof Violation) return { violation: thrown, hash: world.hash };
    throw thrown;
  }
}
