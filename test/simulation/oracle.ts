import type { AccountId, Operation, RoutedCall } from '../../src/core/index.js';
import type { Known } from '../../src/routing/continuity/known.js';
import type { Decision, ExclusionReason, Pin } from '../../src/routing/decision.js';
import type { RoutingCall, RoutingSnapshot } from '../../src/routing/policy/routing-call.js';
import type { AccountSnapshot } from '../../src/upstream/index.js';
import { brokenRules } from '../support/routing-rules.js';
import type { Body, Facts } from './client.js';
import { endOf, heardOf, QUARTER_MS, spentUntil } from './quota-words.js';

/** A rule that was broken. */
export class Violation extends Error {
  constructor(
    readonly rule: Rule,
    what: string,
  ) {
    super(`${rule}: ${what}`);
  }
}

export type Rule =
  | 'excluded account asked'
  | 'able account not asked'
  | 'pin broken'
  | 'sealed content sent to a stranger'
  | 'lease lost'
  | 'limit exceeded'
  | 'hidden for ever'
  | 'asked again'
  | 'health without a reason'
  | 'waited in vain';

/** All that an oracle may look at of a call. */
export interface Judgeable {
  readonly call: RoutedCall;
  readonly facts: Facts;
  readonly known: Known;
  readonly tried: ReadonlySet<AccountId>;
  readonly replica: { readonly index: number };
}

/** What a call goes on from. */
interface Bond {
  readonly pin: Pin | undefined;
  /** Several accounts would have to serve it. */
  readonly isHeldApart: boolean;
}

interface Told {
  readonly replica: number;
  readonly atMs: number;
  readonly untilMs: number;
  /** Reports that said otherwise; too many at the start when the refusal said nothing of its windows. */
  readonly glitches: number;
}

/** Replicas that hear of nothing know it by then. */
const KNOWN_EVERYWHERE_MS = 1_000;
const BOUND: ReadonlySet<Operation> = new Set(['compaction', 'compact']);
const TEMPORARY: ReadonlySet<ExclusionReason> = new Set([
  'cooling_down',
  'circuit_open',
  'quota_exhausted',
  'saturated',
]);
const CHEAP: ReadonlySet<Operation> = new Set(['files_create', 'transcribe', 'relay']);

/** Judges what is done by the words of the specification; knows nothing of how it is done. */
export class Oracle {
  private readonly open = new Map<AccountId, number>();
  private readonly told = new Map<AccountId, Told>();

  constructor(private readonly pool: RoutingSnapshot['pool']) {}

  /** The account that a call goes on with, told by who really made what it goes on from. */
  private bondOf({ call, facts, known }: Judgeable, view: readonly AccountSnapshot[]): Bond {
    const all = this.claims(call, facts, known, idsOf(view));
    const pin = all.find(({ required }) => required) ?? all[0];
    const holders = all.filter(({ required, reason }) => required && reason !== 'session').map(({ id }) => id);
    return { pin, isHeldApart: holders.some((id) => id !== holders[0]) };
  }

  decided(one: Judgeable, view: readonly AccountSnapshot[], decision: Decision, wanted: RoutingCall): void {
    const bond = this.bondOf(one, view);
    const { pin, isHeldApart } = bond;
    const broken = this.broken(one, view, decision.atMs, wanted, bond);
    const able = isHeldApart ? [] : view.map(({ id }) => id).filter((id) => broken.get(id)?.length === 0);
    const named = [...decision.candidates, ...decision.reserve].map(({ account }) => account.id);
    const stranger = named.find((id) => !able.includes(id));
    if (stranger !== undefined) {
      const rules = broken.get(stranger) ?? [];
      throw new Violation(
        rules[0] === 'bound_elsewhere' ? 'pin broken' : 'excluded account asked',
        `${stranger}: ${rules.join()}`,
      );
    }
    const forgotten = able.find((id) => !named.includes(id));
    if (forgotten !== undefined) throw new Violation('able account not asked', `${forgotten} could have served`);
    if (pin !== undefined && able.includes(pin.id) && named[0] !== pin.id) {
      throw new Violation('pin broken', `${pin.id} could go on with its ${pin.reason}, ${String(named[0])} is asked`);
    }
    const { ringSize } = this.pool.routing;
    if (ringSize !== undefined && decision.candidates.length > Math.max(0, ringSize - one.tried.size)) {
      throw new Violation('limit exceeded', 'more accounts than the ring has');
    }
  }

  /** A call is about to be sent. @param body as the account gets it */
  sent(one: Judgeable, account: AccountSnapshot, body: Body, nowMs: number): void {
    const { id } = account;
    const told = this.told.get(id);
    if (told !== undefined && nowMs < told.untilMs) {
      const graceMs = told.replica === one.replica.index ? 0 : KNOWN_EVERYWHERE_MS;
      if (nowMs > told.atMs + graceMs) throw new Violation('asked again', `${id} had said that it serves nothing`);
    }
    const foreign = body.items.find(({ maker }) => maker !== id);
    if (foreign?.kind === 'reasoning') {
      throw new Violation('sealed content sent to a stranger', `${id} gets what ${foreign.maker} sealed`);
    }
    const { server, sealed } = one.facts;
    if (server === id && !body.isWhole && sealed.every(({ maker }) => maker === id)) {
      throw new Violation('pin broken', `${id} does not get what it sealed itself`);
    }
    const open = (this.open.get(id) ?? 0) + 1;
    this.open.set(id, open);
    if (open > account.maxConcurrent) throw new Violation('limit exceeded', `${id} serves ${open}`);
  }

  /** A call is not with an account any more. */
  left(id: AccountId): void {
    this.open.set(id, (this.open.get(id) ?? 0) - 1);
  }

  /** An account said that it serves nothing until then. */
  refusedUntil(id: AccountId, told: Told): void {
    this.told.set(id, told);
  }

  /** Calls that run at the same time are refused for the same reason. */
  isNews(id: AccountId, beganAtMs: number): boolean {
    return beganAtMs >= (this.told.get(id)?.untilMs ?? 0);
  }

  /** Things have changed for the better, and the gateway may have heard of it. */
  forget(id: AccountId): void {
    this.told.delete(id);
  }

  /** A report came that says less than is true: a second one may be believed. */
  glitched(id: AccountId): void {
    const told = this.told.get(id);
    if (told !== undefined && told.glitches > 0) this.told.delete(id);
    else if (told !== undefined) this.told.set(id, { ...told, glitches: 1 });
  }

  /** A call is refused although it asked nobody, or nobody else. @param patient whether it would have waited until then */
  refused(
    one: Judgeable,
    view: readonly AccountSnapshot[],
    wanted: RoutingCall,
    patientUntilMs: number,
    nowMs: number,
  ): void {
    const { ringSize } = this.pool.routing;
    if (ringSize !== undefined && one.tried.size >= ringSize) return;
    const bond = this.bondOf(one, view);
    if (bond.isHeldApart) return;
    const broken = this.broken(one, view, nowMs, wanted, bond);
    for (const account of view) {
      const rules = broken.get(account.id) ?? [];
      if (!rules.every((rule) => TEMPORARY.has(rule))) continue;
      const backAtMs = Math.max(nowMs, ...rules.map((rule) => endOf(rule, account, wanted, nowMs)));
      if (rules.length > 0 && backAtMs < patientUntilMs) {
        throw new Violation('waited in vain', `${account.id} is back in ${backAtMs - nowMs} ms`);
      }
    }
  }

  /** Nobody is left with a call. */
  ended(): void {
    for (const [id, open] of this.open) if (open !== 0) throw new Violation('lease lost', `${id} serves ${open}`);
  }

  private broken(
    one: Judgeable,
    view: readonly AccountSnapshot[],
    nowMs: number,
    wanted: RoutingCall,
    { pin }: Bond,
  ): ReadonlyMap<AccountId, readonly ExclusionReason[]> {
    const { pin: _, ...free } = wanted;
    const call: RoutingCall = { ...free, tried: one.tried, ...(pin ? { pin } : {}) };
    const world = { snapshot: { accounts: view, pool: this.pool }, call };
    return new Map(
      view.map((account) => {
        const quota = this.quotaRule(account, call, nowMs);
        const others = brokenRules(account, world, nowMs).filter((rule) => !rule.startsWith('quota_'));
        return [account.id, quota === undefined ? others : [...others, quota]];
      }),
    );
  }

  private claims(call: RoutedCall, facts: Facts, known: Known, accounts: ReadonlySet<AccountId>): Pin[] {
    const { files, response, sealed, server, prefers } = facts;
    const home = server ?? known.home?.id;
    const claims: Pin[] = [];
    if (files !== undefined) claims.push({ id: files, required: true, reason: 'file' });
    if (prefers !== undefined) claims.push({ id: prefers, required: false, reason: 'stored' });
    if (response !== undefined) claims.push({ id: response, required: true, reason: 'anchor' });
    claims.push(...this.sealedClaims(sealed, accounts));
    if (home !== undefined && call.session !== undefined) {
      claims.push({ id: home, required: BOUND.has(call.operation) && accounts.has(home), reason: 'session' });
    }
    return claims;
  }

  private sealedClaims(sealed: Facts['sealed'], accounts: ReadonlySet<AccountId>): Pin[] {
    const folded = sealed.findLast(({ kind }) => kind === 'conversation');
    const newest = folded ?? sealed.at(-1);
    if (newest === undefined) return [];
    const binds = folded !== undefined || !this.pool.routing.sessionMoves;
    return [{ id: newest.maker, required: binds && accounts.has(newest.maker), reason: 'sealed' }];
  }

  private quotaRule(account: AccountSnapshot, call: RoutingCall, nowMs: number): ExclusionReason | undefined {
    const resting = account.coolingUntilMs > nowMs && account.coolingReason === 'upstream_quota_exhausted';
    if (resting || spentUntil(account, call.model, nowMs) !== undefined) return 'quota_exhausted';
    const isKnown = heardOf(account, call.model, nowMs) >= nowMs - QUARTER_MS;
    const isStrict = this.pool.routing.evidence === 'strict' && !CHEAP.has(call.operation);
    return isStrict && !isKnown ? 'quota_unknown' : undefined;
  }
}

const idsOf = (view: readonly AccountSnapshot[]): ReadonlySet<AccountId> => new Set(view.map(({ id }) => id));
