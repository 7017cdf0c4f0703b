import * as fc from 'fast-check';
import { anAccount } from '../../../test/support/account-snapshots.js';
import { aWindow, decided, idsOf } from '../../../test/support/routing.js';
import { aSeed } from '../../../test/support/routing-worlds.js';
import type { AccountSnapshot } from '../../upstream/index.js';

const RUNS = { numRuns: 300 };
/** As they are made: 36 characters, random. */
const ids = fc.uniqueArray(fc.uuid(), { minLength: 2, maxLength: 12 });

/** What `balanced` looks at. */
interface State {
  readonly used: number;
  readonly open: number;
  readonly failureShare: number;
  readonly ttftMs: number;
}

const state: fc.Arbitrary<State> = fc.record({
  used: fc.integer({ min: 0, max: 99 }),
  open: fc.integer({ min: 0, max: 9 }),
  failureShare: fc.double({ min: 0, max: 1, noNaN: true }),
  ttftMs: fc.integer({ min: 1, max: 20_000 }),
});

const inState = ({ used, open, ...pulse }: State, index: number): AccountSnapshot =>
  anAccount(String(index), { windows: [aWindow(used)], openExchanges: open, maxConcurrent: 10, pulse });

describe('balanced', () => {
  it('never puts an account further back for less of anything', () => {
    const better = fc
      .tuple(fc.array(state, { minLength: 2, maxLength: 8 }), fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }))
      .chain(([states, at, by]) =>
        fc.constantFrom('used', 'open', 'failureShare', 'ttftMs').map((what) => {
          const which = at % states.length;
          const less = (value: number) => (what === 'failureShare' ? value * by : Math.floor(value * by));
          const after = states.map((one, index) => (index === which ? { ...one, [what]: less(one[what]) } : one));
          return { states, after, which };
        }),
      );
    const placeOf = (states: readonly State[], which: number) =>
      idsOf(decided(states.map(inState)).candidates).indexOf(inState(states[0] as State, which).id);
    fc.assert(
      fc.property(better, ({ states, after, which }) =>
        expect(placeOf(after, which)).toBeLessThanOrEqual(placeOf(states, which)),
      ),
      RUNS,
    );
  });
});

describe('bridge_ring', () => {
  const ring = (accounts: readonly string[], seed: string) =>
    idsOf(
      decided(
        accounts.map((id) => anAccount(id)),
        { seed },
        { strategy: 'bridge_ring' },
      ).candidates,
    );

  it('moves nobody but those whose account goes', () => {
    fc.assert(
      fc.property(ids, aSeed, fc.nat(), (accounts, seed, at) => {
        const gone = accounts[at % accounts.length];
        const left = accounts.filter((id) => id !== gone);
        expect(ring(left, seed)).toEqual(ring(accounts, seed).filter((id) => id !== gone));
      }),
      RUNS,
    );
  });

  it('gives every account its part of the seeds', () => {
    const accounts = Array.from({ length: 10 }, (_, index) => `0b9c2f4e-7f0d-4d8e-9c50-00000000000${index}`);
    const firsts = new Map(accounts.map((id) => [id, 0]));
    const seeds = 4_000;
    for (let seed = 0; seed < seeds; seed += 1) {
      const [first = ''] = ring(accounts, seed.toString(16).padStart(8, '0'));
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
    }
    // Five standard deviations of a fair choice: 400 ± 95.
    for (const count of firsts.values()) expect(Math.abs(count - seeds / 10)).toBeLessThan(95);
  });
});

describe('deterministic_rotation', () => {
  it('is one and the same circle for all seeds, and begins everywhere', () => {
    const circle = (accounts: readonly string[], seed: string) =>
      idsOf(
        decided(
          accounts.map((id, index) => anAccount(id, { createdAtMs: index })),
          { seed },
          { strategy: 'deterministic_rotation' },
        ).candidates,
      );
    fc.assert(
      fc.property(ids, aSeed, (accounts, seed) => {
        const found = circle(accounts, seed);
        const start = accounts.indexOf(String(found[0]));
        expect(found).toEqual([...accounts.slice(start), ...accounts.slice(0, start)]);
      }),
      RUNS,
    );
    const ten = Array.from({ length: 10 }, (_, index) => String(index));
    const begun = new Set(Array.from({ length: 200 }, (_, seed) => circle(ten, seed.toString(16))[0]));
    expect(begun.size).toBe(ten.length);
  });
});

describe('prompt cache locality', () => {
  it('leads calls with one key to one account, whatever else they are', () => {
    fc.assert(
      fc.property(
        fc.array(state, { minLength: 2, maxLength: 8 }),
        aSeed,
        aSeed,
        aSeed,
        (states, cacheSeed, one, two) => {
          const first = (seed: string) =>
            decided(states.map(inState), { seed, cacheSeed }, { strategy: 'bridge_ring' });
          const { candidates, locality } = first(one);
          if (locality === 'applied') expect(idsOf(first(two).candidates)[0]).toBe(idsOf(candidates)[0]);
        },
      ),
      RUNS,
    );
  });
});
