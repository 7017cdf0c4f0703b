import type { AccountId, Principal } from '../../src/core/index.js';
import type { Holders } from '../../src/routing/continuity/known.js';
import type { Decision } from '../../src/routing/decision.js';
import type { RoutingCall } from '../../src/routing/policy/routing-call.js';
import { routingCall } from '../../src/routing/routing-call.js';
import type { AccountSnapshot } from '../../src/upstream/index.js';
import type { Judgeable } from './oracle.js';
import type { Subject } from './subject.js';

export interface Decided {
  readonly decision: Decision;
  readonly wanted: RoutingCall;
}

/** A call's choice among accounts, as the router makes it. @throws GatewayError when its files are gone */
export function decide(
  subject: Subject,
  { call, caller, known, facts, tried }: Judgeable & { readonly caller: Principal },
  accounts: readonly AccountSnapshot[],
  nowMs: number,
): Decided {
  const { routing } = caller.pool;
  const { files } = facts;
  const ids = { has: (id: AccountId): boolean => accounts.some((account) => account.id === id) };
  const { minted, home } = known;
  const holders: { -readonly [Name in keyof Holders]: Holders[Name] } = { minted, accounts: ids };
  if (home !== undefined) holders.home = home;
  if (files !== undefined) holders.files = files;
  const wanted = { ...routingCall(call, caller, subject.pinOf(call, holders, routing)), tried };
  const decision = subject.route({ accounts, pool: caller.pool }, wanted, nowMs);
  const isHeldApart = subject.rivalOf(call, holders, routing) !== undefined;
  return { wanted, decision: isHeldApart ? { ...decision, candidates: [], reserve: [] } : decision };
}

/** @returns Infinity: in vain; undefined: it may be any moment */
export function nextLook({ candidates }: Decision, soonestMs: number | undefined, nowMs: number): number | undefined {
  if (candidates.length > 0 || (soonestMs !== undefined && soonestMs <= nowMs)) return undefined;
  return soonestMs ?? Infinity;
}
