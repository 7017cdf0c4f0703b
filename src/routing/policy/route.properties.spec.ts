import * as fc from 'fast-check';
import { idsOf, NOW } from '../../../test/support/routing.js';
import { brokenRules } from '../../../test/support/routing-rules.js';
import { someWorld, type World } from '../../../test/support/routing-worlds.js';
import type { Decision, Exclusion, ExclusionReason } from '../decision.js';
import { route } from './route.js';

const RUNS = { numRuns: 500 };

const decide = ({ snapshot, call }: World, nowMs = NOW): Decision => route(snapshot, call, nowMs);
const always = (property: (world: World) => void): void => fc.assert(fc.property(someWorld, property), RUNS);
const everybody = ({ candidates, reserve }: Decision) => [...candidates, ...reserve];
const told = ({ reason, also }: Exclusion): ExclusionReason[] => [reason, ...also];

describe('a decision', () => {
  it('is the same for the same question', () => {
    always((world) => expect(decide(world)).toEqual(decide(world)));
  });

  it('is the same whatever order the accounts come in', () => {
    const shuffled = someWorld.chain((world) =>
      fc
        .shuffledSubarray([...world.snapshot.accounts], { minLength: world.snapshot.accounts.length })
        .map((accounts) => ({
          world,
          other: { ...world, snapshot: { ...world.snapshot, accounts } },
        })),
    );
    fc.assert(
      fc.property(shuffled, ({ world, other }) => expect(decide(other)).toEqual(decide(world))),
      RUNS,
    );
  });

  it('changes nothing of what it is asked about', () => {
    always((world) => {
      const before = structuredClone(world);
      decide(world);
      expect(world).toEqual(before);
    });
  });

  it('names every account once, as a candidate, in reserve, or with the reason why not', () => {
    always((world) => {
      const decision = decide(world);
      const named = [...idsOf(everybody(decision)), ...decision.exclusions.map(({ accountId }) => accountId)];
      expect(named.sort()).toEqual(world.snapshot.accounts.map(({ id }) => id).sort());
    });
  });

  it('has no candidate that breaks a rule, and excludes nobody who keeps them all', () => {
    always((world) => {
      const decision = decide(world);
      const excluded = new Map(decision.exclusions.map((exclusion) => [exclusion.accountId, told(exclusion)]));
      for (const account of world.snapshot.accounts) {
        expect(excluded.get(account.id) ?? []).toEqual(brokenRules(account, world, NOW));
      }
    });
  });

  it('tells of every exclusion what it rests on, and of those that end by themselves until when exactly', () => {
    always((world) => {
      for (const { accountId, reason, clearsAtMs, evidence } of decide(world).exclusions) {
        expect(evidence.source).not.toBe('');
        if (clearsAtMs === undefined) continue;
        expect(reason).toMatch(/^(cooling_down|circuit_open|quota_exhausted)$/);
        const [still, then] = [clearsAtMs - 1, clearsAtMs].map((nowMs) =>
          decide(world, nowMs).exclusions.find((exclusion) => exclusion.accountId === accountId),
        );
        expect(still?.reason).toBe(reason);
        if (reason !== 'circuit_open') expect(then?.reason).not.toBe(reason);
      }
    });
  });

  it('tells when an account is back: from then on only what may end at any moment speaks against it', () => {
    always((world) => {
      for (const { accountId, backAtMs } of decide(world).exclusions) {
        if (backAtMs === undefined) continue;
        expect(backAtMs).toBeGreaterThanOrEqual(NOW);
        const then = decide(world, backAtMs).exclusions.find((exclusion) => exclusion.accountId === accountId);
        // A window that has reset says nothing any more: a strict Pool then waits for news.
        expect(['saturated', 'circuit_open', 'quota_unknown', undefined]).toContain(then?.reason);
      }
    });
  });

  it('begins with the account that the call goes on with, if that may serve', () => {
    always((world) => {
      const all = idsOf(everybody(decide(world)));
      const { pin } = world.call;
      if (pin !== undefined && all.includes(pin.id)) expect(all[0]).toBe(pin.id);
    });
  });

  it('has nobody but the account that a call is bound to, and says whether others could serve', () => {
    always((world) => {
      const { pin } = world.call;
      if (pin?.required !== true) return;
      const decision = decide(world);
      expect(idsOf(everybody(decision)).filter((id) => id !== pin.id)).toEqual([]);
      const { pin: _, ...free } = world.call;
      const others = idsOf(everybody(decide({ ...world, call: free }))).filter((id) => id !== pin.id);
      expect(decision.elsewhere).toBe(others.length > 0);
    });
  });

  it('sends a call to no more accounts than the ring has', () => {
    always((world) => {
      const { candidates, reserve, ringLeft } = decide(world);
      const { ringSize } = world.snapshot.pool.routing;
      if (ringSize === undefined) expect([reserve, ringLeft]).toEqual([[], undefined]);
      else
        expect(candidates.length + (world.call.tried?.size ?? 0)).toBeLessThanOrEqual(
          Math.max(ringSize, world.call.tried?.size ?? 0),
        );
      if (reserve.length > 0) expect(candidates).toHaveLength(ringLeft ?? -1);
    });
  });

  it('has accounts of known quota before all others, but for the one that the call goes on with', () => {
    always((world) => {
      if (world.snapshot.pool.routing.strategy === 'priority') return;
      const rest = everybody(decide(world)).filter(({ account }) => account.id !== world.call.pin?.id);
      expect(rest.map(({ quota }) => quota)).toEqual(rest.map(({ quota }) => quota).sort());
    });
  });

  it('leaves a tier of priorities only when nobody of it is left', () => {
    always((world) => {
      if (world.snapshot.pool.routing.strategy !== 'priority') return;
      const rest = everybody(decide(world)).filter(({ account }) => account.id !== world.call.pin?.id);
      const tiers = rest.map(({ account }) => account.priority);
      expect(tiers).toEqual([...tiers].sort());
    });
  });
});
