import fc from 'fast-check';
import type { UsageLimit } from '../../core/index.js';
import { MemorySharedState, type Hold } from '../../platform/shared-state/index.js';
import { aCall, keyLimit, newKey, newPool, poolLimit } from '../../../test/support/limits.js';
import { counterKey, isLimiting, scopesOf } from './limit-scope.js';
import { driftOf } from './drift.js';
import type { HeldCall } from './limit-counters.js';
import type { Truth } from './limit-truth.repository.js';
import { OpenReservations } from './open-reservations.service.js';
import { SharedLimitCounters, keyIn } from './shared-limit-counters.js';
import { dayOf } from './windows.js';

const MODELS = ['gpt-5.5', 'gpt-5.5-mini'] as const;
const TODAY = dayOf(Date.UTC(2026, 0, 15));
const STEP_MS = 10_000;
const LEASE_MS = 45_000;

interface Call {
  readonly hold: Hold;
  readonly model: string;
  readonly actual: number;
  readonly process: number;
  state: 'reserved' | 'committed' | 'admitted' | 'refused' | 'ended' | 'ledgered';
}

/** Two processes, their counters in memory that can be lost, and what would be in Postgres. */
class World {
  readonly calls: Call[] = [];
  private nowMs = 1_000;
  private readonly shared = new MemorySharedState(() => this.nowMs);
  private readonly processes = [0, 1].map(() => {
    const own = new OpenReservations();
    const truth = { of: async (limit: UsageLimit) => this.truth(limit) };
    return { own, counters: new SharedLimitCounters(this.shared.counters, truth, own, () => this.nowMs) };
  });

  constructor(private readonly limits: readonly UsageLimit[]) {}

  async reserve(tokens: number, share: number, model: string): Promise<void> {
    const { id } = aCall(newKey());
    const actual = Math.floor(tokens * share);
    const hold: Hold = { id, day: TODAY, tokens, nanoUsd: 0 };
    const call: Call = { hold, model, actual, process: this.calls.length % 2, state: 'refused' };
    if (!(await this.isHeld(call))) return;
    call.state = 'reserved';
    this.calls.push(call);
    this.processOf(call).own.add(hold, this.keysOf(call));
  }

  async confirm(call: Call): Promise<void> {
    if (await this.isHeld(call)) call.state = 'admitted';
    else await this.end(call, 0, 'refused');
  }

  async end(call: Call, tokens: number, state: 'refused' | 'ended'): Promise<void> {
    call.state = state;
    const settled = this.processOf(call).own.end(call.hold.id, { tokens, nanoUsd: 0 }, this.nowMs);
    if (settled) await this.shared.counters.settleHolds([{ ...settled, keys: this.keysOf(call, 0) }]);
  }

  async flush(): Promise<void> {
    await this.shared.counters.chill(this.limits.map((limit) => keyIn(0, counterKey(limit))));
  }

  /** Settlements come to Postgres, and what is open is renewed. */
  async pass(): Promise<void> {
    this.nowMs += STEP_MS;
    for (const call of this.calls) if (call.state === 'ended') call.state = 'ledgered';
    await this.renew();
  }

  async renew(): Promise<void> {
    const inEpoch = <T extends { readonly keys: readonly string[] }>(all: readonly T[]): T[] =>
      all.map((each) => ({ ...each, keys: each.keys.map((key) => keyIn(0, key)) }));
    await this.shared.counters.renewHolds(inEpoch(this.processes.flatMap(({ own }) => own.held())), LEASE_MS);
    await this.shared.counters.settleHolds(inEpoch(this.processes.flatMap(({ own }) => own.settled(this.nowMs))));
  }

  /** What calls have used of a limit, or may still use that were let in. */
  used(limit: UsageLimit): number {
    return this.of(limit).reduce((sum, { state, hold, actual }) => {
      if (state === 'admitted') return sum + hold.tokens;
      return state === 'ended' || state === 'ledgered' ? sum + actual : sum;
    }, 0);
  }

  /** Once more, as the rebuild does it. */
  async drift(limit: UsageLimit): Promise<unknown> {
    const [counter] = await this.shared.counters.contents([keyIn(0, counterKey(limit))]);
    const drift = counter ? driftOf(counter, this.truth(limit)) : new Map<number, never>();
    return [...drift.values()].filter(({ tokens, nanoUsd }) => tokens !== 0 || nanoUsd !== 0);
  }

  private async isHeld(call: Call): Promise<boolean> {
    const scopes = scopesOf(this.limiting(call.model), call.hold.day);
    const verdict = await this.processOf(call).counters.hold({ hold: call.hold } as HeldCall, scopes, 0);
    return verdict.result === 'held';
  }

  private processOf({ process }: Call) {
    const found = this.processes[process];
    if (found === undefined) throw new Error('There is no such process.');
    return found;
  }

  private truth(limit: Pick<UsageLimit, 'model' | 'scope' | 'id'>): Truth {
    const calls = this.of(limit);
    const rows = calls.filter(({ state }) => state === 'committed' || state === 'admitted' || state === 'ended');
    const settled = calls.filter(({ state }) => state === 'ledgered');
    const tokens = settled.reduce((sum, { actual }) => sum + actual, 0);
    return {
      days: [{ day: TODAY, tokens, nanoUsd: 0 }],
      holds: rows.map(({ hold }) => ({ ...hold, endsInMs: LEASE_MS })),
      asked: [],
      settled: new Set(settled.map(({ hold }) => hold.id)),
    };
  }

  private of(limit: Pick<UsageLimit, 'model' | 'scope' | 'id'>): Call[] {
    return this.calls.filter(({ model }) => isLimiting(limit, model));
  }

  private limiting(model: string): UsageLimit[] {
    return this.limits.filter((limit) => isLimiting(limit, model));
  }

  private keysOf({ model }: Call, epoch?: number): string[] {
    return this.limiting(model).map((limit) => {
      return epoch === undefined ? counterKey(limit) : keyIn(epoch, counterKey(limit));
    });
  }
}

type Step =
  | { readonly op: 'reserve'; readonly tokens: number; readonly share: number; readonly model: string }
  | { readonly op: 'go on' | 'release'; readonly which: number }
  | { readonly op: 'flush' | 'pass' | 'renew' };

const reserving: fc.Arbitrary<Step> = fc.record({
  op: fc.constant('reserve' as const),
  tokens: fc.integer({ min: 10, max: 40 }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  model: fc.constantFrom(...MODELS),
});
const ofOne = (op: 'go on' | 'release'): fc.Arbitrary<Step> => fc.record({ op: fc.constant(op), which: fc.nat() });
const plain = (op: 'flush' | 'pass' | 'renew'): fc.Arbitrary<Step> => fc.constant({ op });
const step = fc.oneof(
  { weight: 10, arbitrary: reserving },
  { weight: 12, arbitrary: ofOne('go on') },
  { weight: 1, arbitrary: ofOne('release') },
  { weight: 3, arbitrary: plain('flush') },
  { weight: 1, arbitrary: plain('pass') },
  { weight: 1, arbitrary: plain('renew') },
);

const someLimits = fc
  .subarray(['key', 'key and model', 'pool'] as const, { minLength: 1 })
  .map((names): UsageLimit[] => {
    const key = newKey();
    const all = {
      key: keyLimit(key, { tokensPerDay: 100 }),
      'key and model': keyLimit(key, { tokensPerWeek: 60, model: '*-mini' }),
      pool: poolLimit(newPool(), { tokensPerDay: 90, tokensPerWeek: 120 }),
    };
    return names.map((name) => all[name]);
  });

const most = ({ tokensPerDay = Infinity, tokensPerWeek = Infinity }: UsageLimit) =>
  Math.min(tokensPerDay, tokensPerWeek);

async function take(world: World, chosen: Step): Promise<void> {
  if (chosen.op === 'reserve') return world.reserve(chosen.tokens, chosen.share, chosen.model);
  if (!('which' in chosen)) return world[chosen.op]();
  const open = world.calls.filter(({ state }) => ['reserved', 'committed', 'admitted'].includes(state));
  const call = open[chosen.which % open.length];
  if (call === undefined) return;
  if (chosen.op === 'release') return call.state === 'admitted' ? undefined : world.end(call, 0, 'refused');
  if (call.state === 'reserved') call.state = 'committed';
  else if (call.state === 'committed') await world.confirm(call);
  else await world.end(call, call.actual, 'ended');
}

describe('limits', () => {
  it('never let in more than there is room for, and agree with the ledger when all is over', async () => {
    await fc.assert(
      fc.asyncProperty(someLimits, fc.array(step, { minLength: 20, maxLength: 100 }), async (limits, steps) => {
        const world = new World(limits);
        for (const each of steps) {
          await take(world, each);
          for (const limit of limits) expect(world.used(limit)).toBeLessThanOrEqual(most(limit));
        }
        for (const call of world.calls) {
          if (call.state === 'admitted') await world.end(call, call.actual, 'ended');
          else if (call.state !== 'ended' && call.state !== 'ledgered') await world.end(call, 0, 'refused');
        }
        await world.pass();
        for (const limit of limits) expect(await world.drift(limit)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
