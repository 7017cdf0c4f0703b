import {
  DEFAULT_ROUTING,
  type GatewayError,
  ROUTE_CLASSES,
  type AccountId,
  type KeyId,
  type Principal,
  type QuotaReport,
  type RouteClass,
} from '../../src/core/index.js';
import type { LaneKey } from '../../src/upstream/health/lane-key.js';
import type { Findings } from '../../src/upstream/health/permit.js';
import type { AccountSnapshot } from '../../src/upstream/index.js';
import { aPoolPolicy } from '../support/pool-policy.js';
import { Client, Continuity } from './client.js';
import type { Dice } from './dice.js';
import { HealthOracle } from './health-oracle.js';
import { findings, Knowledge, newAccount, Replica } from './knowledge.js';
import { Oracle } from './oracle.js';
import { Premises } from './premises.js';
import type { Setup } from './schedule.js';
import type { Subject } from './subject.js';
import type { Underway } from './underway.js';
import { MODELS, refusedWith, Upstream, type Answer, type Asking } from './upstream.js';

export interface Figures {
  steps: number;
  calls: number;
  decisions: number;
  sent: number;
  served: number;
  refused: number;
  moves: number;
}

export const noFigures = (): Figures => ({
  steps: 0,
  calls: 0,
  decisions: 0,
  sent: 0,
  served: 0,
  refused: 0,
  moves: 0,
});

interface Probing {
  readonly key: LaneKey;
  readonly id: string;
}

/** Calls that fail within this are refused for the same time. */
const WORTH_TELLING_MS = 1_000;

/** What of an attempt an account is judged by. */
interface Judged {
  readonly account: AccountSnapshot;
  readonly lane: LaneKey;
  readonly beganAtMs: number;
  epoch: number;
}

/** Everything that there is in a schedule, and one clock for all of it. */
export class World extends Premises {
  readonly upstream = new Upstream();
  readonly continuity = new Continuity();
  readonly knowledge: Knowledge;
  readonly replicas: readonly Replica[];
  readonly clients: readonly Client[];
  readonly caller: Principal;
  readonly oracle: Oracle;
  readonly health: HealthOracle;
  readonly classLimits: Readonly<Record<RouteClass, number>>;
  /** Of all that was done, in its order: FNV-1a. */
  hash = 0x811c9dc5;
  private readonly findings: readonly Findings[];
  private passages = new Set<Underway>();

  constructor(
    readonly setup: Setup,
    readonly subject: Subject,
    readonly figures: Figures,
    dice: Dice,
  ) {
    super(subject.leaseTable());
    this.knowledge = new Knowledge(subject);
    this.replicas = Array.from({ length: setup.replicas }, (_, index) => new Replica(index, this.knowledge, subject));
    this.clients = Array.from({ length: setup.sessions }, (_, index) => new Client(`session ${index}`));
    const { strategy, evidence, ringSize, cacheLocality, sessionMoves, poolLimit, keyLimit } = setup;
    const routing = {
      ...DEFAULT_ROUTING,
      ...{ strategy, evidence, cacheLocality, sessionMoves },
      ...(ringSize === undefined ? {} : { ringSize }),
      ...(poolLimit === undefined ? {} : { maxConcurrent: poolLimit }),
    };
    const pool = aPoolPolicy({ routing });
    const limited = keyLimit === undefined ? {} : { maxConcurrent: keyLimit };
    this.caller = { keyId: 'key' as KeyId, keyLabel: 'key', pool, ...limited };
    this.oracle = new Oracle(pool);
    this.health = new HealthOracle(this.knowledge);
    this.classLimits = Object.fromEntries(ROUTE_CLASSES.map((name) => [name, setup.classLimit])) as Record<
      RouteClass,
      number
    >;
    this.findings = this.replicas.map((replica) => findings(this.knowledge, subject, () => this.announce(replica)));
    for (let index = 0; index < setup.accounts; index += 1) this.link(index, dice);
  }

  private link(index: number, dice: Dice): void {
    const models = dice.chance(0.8) ? new Set<string>(MODELS) : new Set<string>([MODELS[0]]);
    const account = newAccount(index, this.setup.accountLimit, models);
    this.knowledge.add(account);
    this.upstream.link(account.id, dice, this.nowMs);
    if (dice.chance(0.6))
      this.knowledge.saw(account.id, this.upstream.report(account.id, 'usage', this.nowMs), 1, this.nowMs);
  }

  trace(what: string): void {
    let hash = this.hash;
    for (let at = 0; at < what.length; at += 1) hash = Math.imul(hash ^ what.charCodeAt(at), 0x01000193);
    this.hash = Math.imul(hash ^ this.nowMs, 0x01000193) >>> 0;
  }

  began(passage: Underway): void {
    this.passages.add(passage);
    this.figures.calls += 1;
    passage.enter();
  }

  gone(passage: Underway): void {
    this.passages.delete(passage);
  }

  view(replica: Replica): AccountSnapshot[] {
    return replica.view(this.nowMs, (id) => this.held(`account:${id}`));
  }

  /** A replica knows at once what it has done itself; the others may not hear of it. */
  announce(from: Replica | undefined): void {
    from?.expire(this.nowMs);
    const { announceMs } = this.setup;
    if (announceMs === undefined) return;
    for (const replica of this.replicas) if (replica !== from) replica.expire(this.nowMs + announceMs);
  }

  findingsOf(replica: Replica): Findings {
    const own = this.findings[replica.index];
    if (own === undefined) throw new Error('No such replica.');
    return own;
  }

  admit(replica: Replica, id: AccountId, keys: readonly LaneKey[], token: string): readonly Probing[] | undefined {
    const probes: Probing[] = [];
    for (const key of keys) {
      if (!replica.knowsOpen(id, key)) continue;
      const probeId = `${token} ${key.model}`;
      const admission = this.subject.circuit.admit(this.knowledge.circuitOf(id, key), probeId, this.nowMs);
      if (admission.as === 'nobody') {
        const { circuits } = this.findingsOf(replica);
        for (const probe of probes) circuits.neutral(id, probe.key, { beganAtMs: this.nowMs, probeId: probe.id });
        replica.expire(this.nowMs);
        return undefined;
      }
      if (admission.as === 'any') continue;
      this.knowledge.turn(id, key, () => admission.circuit);
      this.announce(replica);
      probes.push({ key, id: probeId });
    }
    return probes;
  }

  probing(probes: readonly Probing[], passage: Underway): void {
    for (const { id } of probes) this.health.probing(id, passage);
  }

  /** The account is asked, with new tokens if it has to be. */
  ask(replica: Replica, attempt: Judged, asking: Asking): Answer {
    const { id } = attempt.account;
    const truth = this.upstream.of(id);
    if (truth.token === 'lost') {
      this.knowledge.lifecycle(id, 'login_lost');
      this.announce(replica);
      return refusedWith({ cooldownMs: 0 });
    }
    if (truth.token === 'over') {
      if (this.nowMs < truth.loginServerAwayUntilMs) return refusedWith({ cooldownMs: 30_000 });
      truth.token = 'good';
      this.knowledge.renewed(id);
      this.announce(replica);
      attempt.epoch = this.knowledge.of(id).account.credentialEpoch;
    }
    return this.upstream.ask(id, asking, this.nowMs);
  }

  heard(replica: Replica | undefined, id: AccountId, report: QuotaReport | undefined, epoch: number): void {
    this.knowledge.saw(id, report, epoch, this.nowMs);
    replica?.expire(this.nowMs);
  }

  /** What is left of leases when nobody is left to hold one. */
  checkLeases(): void {
    this.checkReturned();
    this.oracle.ended();
  }

  glitched(id: AccountId): void {
    this.oracle.glitched(id);
  }

  /** A call has come to its end, and its account has been judged by it. */
  judged(attempt: Judged, passage: Underway, outcome: 'success' | 'neutral' | GatewayError): void {
    const { account, lane, beganAtMs } = attempt;
    const { nowMs } = this;
    this.health.judged({ id: account.id, lane }, passage, outcome, nowMs);
    if (typeof outcome === 'string') return;
    const replica = passage.replica.index;
    const { code, detail } = outcome;
    const glitches = detail.quota === undefined ? 1 : 0;
    const tell = (untilMs: number): void =>
      this.oracle.refusedUntil(account.id, { replica, atMs: nowMs, untilMs, glitches });
    if (code === 'upstream_quota_exhausted' && detail.cooldownMs === undefined) {
      const backAtMs = Math.max(0, ...this.upstream.spent(account.id, '', nowMs).map(({ resetsAtMs }) => resetsAtMs));
      tell(Math.min(detail.resetsAtMs ?? nowMs + 300_000, backAtMs) - WORTH_TELLING_MS);
    }
    const isCurrent = this.knowledge.of(account.id).account.credentialEpoch === attempt.epoch;
    if (code === 'upstream_account_rejected' && isCurrent)
      tell(nowMs + (detail.cooldownMs ?? 60_000) - WORTH_TELLING_MS);
    if (code === 'upstream_rate_limited' && this.oracle.isNews(account.id, beganAtMs))
      tell(nowMs + (detail.cooldownMs ?? 4_000));
  }

  /** A process dies with all that it holds. */
  crash(replica: Replica): void {
    const dying = [...this.passages].filter((passage) => passage.replica === replica);
    replica.restart();
    for (const passage of dying) {
      this.passages.delete(passage);
      passage.died();
    }
  }
}
