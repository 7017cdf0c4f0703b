import fc from 'fast-check';
import { A_TURN, aCaller, anAdmission, settled } from '../../../test/support/admission.js';
import type { Admitted } from './admitted.js';

const KEYS = ['a', 'b', 'c'] as const;
type Key = (typeof KEYS)[number];

const LIMITS = fc.record({
  stream: fc.integer({ min: 1, max: 6 }),
  compact: fc.integer({ min: 1, max: 3 }),
  pool: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  key: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
});

const STEP = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('enter'), key: fc.constantFrom(...KEYS), compact: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('release'), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave'), which: fc.nat() }) },
);

interface Call {
  readonly key: Key;
  readonly compact: boolean;
  readonly client: AbortController;
  admitted?: Admitted;
}

type Limits = typeof LIMITS extends fc.Arbitrary<infer Value> ? Value : never;

/** What admission must make of the calls, written down as a few sums. */
class Model {
  readonly running: Call[] = [];
  waiting: Call[] = [];

  constructor(private readonly limits: Limits) {}

  fits(call: Call): boolean {
    const { key, pool, stream, compact } = this.limits;
    const ofKey = this.running.filter((other) => other.key === call.key).length;
    const ofClass = this.running.filter((other) => other.compact === call.compact).length;
    return (
      ofKey < (key ?? Infinity) &&
      this.running.length < (pool ?? Infinity) &&
      ofClass < (call.compact ? compact : stream)
    );
  }

  share({ key, compact }: Call): number {
    const ofKey = this.running.filter((other) => other.key === key);
    const ofClass = ofKey.filter((other) => other.compact === compact).length;
    const classShare = ofClass / (compact ? this.limits.compact : this.limits.stream);
    return Math.max(classShare, ofKey.length / (this.limits.pool ?? Infinity));
  }

  admit(call: Call): void {
    this.waiting = this.waiting.filter((other) => other !== call);
    const before = this.waiting.filter((other) => this.fits(other) && this.share(other) < this.share(call));
    expect({ fits: this.fits(call), before }).toEqual({ fits: true, before: [] });
    const earlier = this.waiting.indexOf(call);
    expect(earlier).toBe(-1);
    this.running.push(call);
  }
}

describe('fair share between keys', () => {
  it('serves the one who holds least, wastes no place, exceeds no limit and loses nothing, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(LIMITS, fc.array(STEP, { minLength: 5, maxLength: 60 }), async (limits, steps) => {
        const { admission, holder, shared } = anAdmission({ limits });
        const model = new Model(limits);
        const enter = (key: Key, compact: boolean): void => {
          const call: Call = { key, compact, client: new AbortController() };
          model.waiting.push(call);
          const own = {
            ...(limits.pool && { poolLimit: limits.pool }),
            ...(limits.key && { maxConcurrent: limits.key }),
          };
          const wanted = compact ? ({ operation: 'compact', transport: 'http' } as const) : A_TURN;
          admission.enter(wanted, aCaller(key, own), call.client.signal).then(
            (admitted) => {
              call.admitted = admitted;
              model.admit(call);
            },
            () => (model.waiting = model.waiting.filter((other) => other !== call)),
          );
        };
        const release = (which: number): void => {
          const [call] = model.running.splice(which % model.running.length, 1);
          call?.admitted?.release();
        };
        for (const step of steps) {
          if ('key' in step) enter(step.key, step.compact);
          else if (step.kind === 'release' && model.running.length > 0) release(step.which);
          else if (model.waiting.length > 0) {
            model.waiting[step.which % model.waiting.length]?.client.abort(new Error('left'));
          }
          await settled();
          expect(
            model.waiting.filter((call) => model.fits(call)).map(({ key, compact }) => ({ key, compact })),
          ).toEqual([]);
        }
        while (model.running.length > 0) {
          release(0);
          await settled();
        }
        expect(model.waiting).toEqual([]);
        expect(
          await shared.held(['class:stream', 'class:compact', 'pool:pool', ...KEYS.map((key) => `key:${key}`)]),
        ).toEqual([0, 0, 0, 0, 0, 0]);
        expect(holder.own('class:stream')).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});
