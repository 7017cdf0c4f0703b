import type { Decision, Exclusion } from '../decision.js';
import { judged } from './eligibility.js';
import type { Eligible } from './eligible.js';
import { inOrder } from './order.js';
import type { RoutingCall, RoutingSnapshot } from './routing-call.js';

/**
 * Choose the accounts that a call may be sent to, best first, and say of every other one why not.
 *
 * An account may serve when no rule of `EXCLUSION_REASONS` speaks against it. Those that may are put in order by the Pool's
 * strategy; the ring then ends the list. A call that is bound to one account has that one or nobody.
 *
 * Equal arguments give equal decisions, whatever order the accounts come in. Nothing is modified, nothing awaited.
 *
 * @param nowMs Unix time in milliseconds; the snapshot is of that moment
 */
export function route({ accounts, pool }: RoutingSnapshot, call: RoutingCall, nowMs: number): Decision {
  const asked = { call, pool, model: call.model.trim().toLowerCase(), nowMs };
  const eligible: Eligible[] = [];
  const exclusions: Exclusion[] = [];
  for (const account of accounts) {
    const found = judged(account, asked);
    if ('reason' in found) exclusions.push(found);
    else eligible.push(found);
  }
  const { strategy, evidence, ringSize } = pool.routing;
  const { candidates, locality } = inOrder(eligible, call, pool.routing, nowMs);
  const ringLeft = ringSize === undefined ? undefined : Math.max(0, ringSize - (call.tried?.size ?? 0));
  const decision: { -readonly [Name in keyof Decision]: Decision[Name] } = {
    strategy,
    evidence,
    atMs: nowMs,
    candidates: ringLeft === undefined ? candidates : candidates.slice(0, ringLeft),
    reserve: ringLeft === undefined ? [] : candidates.slice(ringLeft),
    exclusions: exclusions.sort((a, b) => (a.accountId < b.accountId ? -1 : 1)),
    elsewhere: exclusions.some(({ reason }) => reason === 'bound_elsewhere'),
    locality,
  };
  if (call.pin) decision.pin = call.pin;
  if (ringLeft !== undefined) decision.ringLeft = ringLeft;
  return decision;
}
