import {
  ERRORS,
  GatewayError,
  OPERATIONS,
  type AccountId,
  type Principal,
  type ResponseEvent,
  type RoutedCall,
} from '../../src/core/index.js';
import { accountPlace, placesOf } from '../../src/routing/admission/places.js';
import type { Known } from '../../src/routing/continuity/known.js';
import { Thread } from '../../src/routing/continuity/thread.js';
import type { Decision } from '../../src/routing/decision.js';
import type { Place } from '../../src/platform/shared-state/index.js';
import { laneKeyOf, WHOLE_ACCOUNT, type LaneKey } from '../../src/upstream/health/lane-key.js';
import type { Permit } from '../../src/upstream/health/permit.js';
import type { AccountSnapshot } from '../../src/upstream/index.js';
import { decide, nextLook, type Decided } from './decide.js';
import type { Body, Client, Facts } from './client.js';
import type { Dice } from './dice.js';
import type { Judgeable } from './oracle.js';
import type { Replica } from './knowledge.js';
import { keysOf } from './premises.js';
import type { Answer } from './upstream.js';
import type { World } from './world.js';

const RENEW_MS = 15_000;
const LOOK_AWAY_MS = 250;

/** An account that was asked. */
interface Attempt {
  readonly account: AccountSnapshot;
  readonly keys: readonly string[];
  readonly token: string;
  readonly permit: Permit;
  readonly pin: Decision['pin'];
  readonly lane: LaneKey;
  readonly beganAtMs: number;
  epoch: number;
}

/** One call on its way through one replica, as the exchange and its placement take it; on the clock of its world. */
export class Passage implements Judgeable {
  readonly tried = new Set<AccountId>();
  readonly known: Known;
  private readonly passedOver = new Set<AccountId>();
  private readonly thread: Thread;
  private readonly places: readonly Place[];
  private readonly incarnation: number;
  private readonly waitsUntilMs: number;
  private attempts = 0;
  private last: GatewayError | undefined;
  private admitted = false;
  private attempt: Attempt | undefined;

  constructor(
    private readonly world: World,
    readonly replica: Replica,
    private readonly client: Client,
    readonly call: RoutedCall,
    readonly facts: Facts,
    readonly caller: Principal,
    private readonly dice: Dice,
  ) {
    this.known = world.continuity.known(call, caller);
    this.thread = new Thread(world.continuity, call, caller, this.known);
    this.places = placesOf(call, caller, world.classLimits);
    this.incarnation = replica.incarnation;
    this.waitsUntilMs = world.nowMs + world.setup.queueWaitMs;
  }

  get isDead(): boolean {
    return this.incarnation !== this.replica.incarnation;
  }

  enter(): void {
    const { world } = this;
    const refused = world.take(this.places, this.call.id);
    if (refused === undefined) {
      this.admitted = true;
      this.replica.retries.called(this.caller.pool.id);
      this.later(RENEW_MS, () => this.renew());
      this.place(true);
    } else if (world.nowMs < this.waitsUntilMs) world.wait(this.waitsUntilMs, this, () => this.enter());
    else this.end('busy');
  }

  /** @param patient whether to wait for whoever is soon back */
  private place(patient: boolean): void {
    const { world } = this;
    const { subject, nowMs } = world;
    const view = world.view(this.replica);
    let decided: Decided;
    try {
      decided = decide(world.subject, this, view, nowMs);
    } catch (thrown) {
      return this.end(GatewayError.from(thrown).code);
    }
    const { decision, wanted } = decided;
    world.figures.decisions += 1;
    world.oracle.decided(this, view, decision, wanted);
    for (const { account } of decision.candidates) {
      if (!this.passedOver.has(account.id) && this.takes(account)) return this.send(account, decision);
    }
    if (patient && this.waits(decision)) return;
    if (this.passedOver.size === 0 && decision.candidates.length === 0) {
      world.oracle.refused(this, view, wanted, patient ? this.waitsUntilMs : nowMs, nowMs);
    }
    this.end((this.last ?? subject.refusalOf(decision, nowMs)).code);
  }

  /** @returns whether it is looked at again later */
  private waits(decision: Decision): boolean {
    const { world } = this;
    const { nowMs } = world;
    const wakesAtMs = nextLook(decision, world.subject.soonestClear(decision), nowMs);
    if (decision.ringLeft === 0 || (wakesAtMs ?? nowMs) >= this.waitsUntilMs) return false;
    this.passedOver.clear();
    world.wait(Math.min(wakesAtMs ?? nowMs + LOOK_AWAY_MS, this.waitsUntilMs), this, () => this.place(true));
    return true;
  }

  private takes(account: AccountSnapshot): boolean {
    return this.world.take([accountPlace(account, this.caller.keyId)], this.nextToken) === undefined;
  }

  private get nextToken(): string {
    return `${this.call.id} ${this.attempts}`;
  }

  private send(account: AccountSnapshot, decision: Decision): void {
    const { world, call } = this;
    const { nowMs, subject } = world;
    const token = this.nextToken;
    this.attempts += 1;
    const keys = [`account:${account.id}`, `served:${this.caller.keyId}`];
    const lane = laneKeyOf(account, call);
    const probes = world.admit(this.replica, account.id, [WHOLE_ACCOUNT, lane], token);
    if (probes === undefined) {
      world.release(keys, token);
      this.passedOver.add(account.id);
      return this.place(true);
    }
    this.tried.add(account.id);
    const permit = subject.permit(
      world.findingsOf(this.replica),
      { id: account.id, lane, streams: call.stream, probes, beganAtMs: nowMs },
      () => world.nowMs,
    );
    const attempt = {
      account,
      keys,
      token,
      permit,
      pin: decision.pin,
      lane,
      beganAtMs: nowMs,
      epoch: account.credentialEpoch,
    };
    this.attempt = attempt;
    world.probing(probes, this);
    const outgoing = subject.callFor(call, account.id, this.known);
    world.oracle.sent(this, account, outgoing.body as Body, nowMs);
    world.figures.sent += 1;
    world.trace(`${call.id}>${account.id}`);
    const asking = { model: call.model, metered: OPERATIONS[call.operation].model === 'listed', dice: this.dice };
    const answer = world.ask(this.replica, attempt, asking);
    this.later(answer.firstMs, () =>
      answer.failure ? this.failed(attempt, answer, answer.failure) : this.served(attempt, answer),
    );
  }

  private served(attempt: Attempt, answer: Answer): void {
    const { world, replica, dice } = this;
    const { account, permit, epoch } = attempt;
    permit.heard();
    permit.answered();
    world.health.answered(account.id, attempt.lane, this);
    replica.retries.answered(this.caller.pool.id);
    world.heard(replica, account.id, answer.report, epoch);
    if (answer.report) world.glitched(account.id);
    void this.thread.served(account.id, attempt.pin, world.nowMs);
    this.client.served(this.call, account.id);
    const leaves = dice.chance(0.05);
    const restMs = answer.lastMs - answer.firstMs;
    this.later(leaves ? Math.floor(restMs / 2) : restMs, () => {
      const events: ResponseEvent[] = leaves ? [] : this.client.answered(this.call, account.id, dice);
      void this.thread.saw({ events }, world.nowMs);
      if (leaves) permit.neutral();
      else permit.succeeded();
      this.leave(attempt);
      world.judged(attempt, this, leaves ? 'neutral' : 'success');
      this.end(leaves ? 'left' : 'served');
    });
  }

  private failed(attempt: Attempt, answer: Answer, failure: GatewayError): void {
    const { world, replica, call } = this;
    const { subject, nowMs } = world;
    world.heard(replica, attempt.account.id, answer.report, attempt.epoch);
    attempt.permit.failed(failure, attempt.epoch);
    this.leave(attempt);
    world.judged(attempt, this, failure);
    this.last = failure;
    if (!subject.mayMoveOn(call, failure)) return this.end(failure.code);
    const afterMs = replica.retries.retryAfterMs(this.caller.pool.id, failure, nowMs, this.dice.throw());
    if (afterMs === undefined) return this.end(failure.code);
    world.figures.moves += 1;
    const patient = ERRORS[failure.code].scope === 'account';
    if (afterMs === 0) this.place(patient);
    else this.later(Math.round(afterMs), () => this.place(patient));
  }

  private leave({ account, keys, token }: Attempt): void {
    this.attempt = undefined;
    this.world.release(keys, token);
    this.world.oracle.left(account.id);
  }

  private renew(): void {
    if (!this.admitted) return;
    this.world.renew(this.places, this.call.id);
    if (this.attempt) this.world.renewAll(this.attempt.keys, this.attempt.token);
    this.later(RENEW_MS, () => this.renew());
  }

  private end(how: string): void {
    const { world } = this;
    world.trace(`${this.call.id}=${how}`);
    if (how === 'served') world.figures.served += 1;
    else if (how !== 'left') world.figures.refused += 1;
    if (!this.admitted) return;
    this.admitted = false;
    world.release(keysOf(this.places), this.call.id);
    world.gone(this);
  }

  /** Its process died: whatever it held ends by itself. */
  died(): void {
    const { attempt } = this;
    if (attempt) this.world.oracle.left(attempt.account.id);
  }

  private later(ms: number, then: () => void): void {
    this.world.at(this.world.nowMs + ms, () => {
      if (!this.isDead) then();
    });
  }
}
