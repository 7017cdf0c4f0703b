import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { LoginProvider } from '../../core/index.js';
import { JobProducer, QUEUES } from '../../platform/queue/index.js';
import { safeError } from '../../platform/telemetry/index.js';
import { UpstreamKinds } from '../kinds.js';
import { parseCallback, type Callback } from './callback.js';
import type { Clock } from './clock.js';
import { LoginCompletion, type Exchange } from './login-completion.service.js';
import { LoginFailed } from './login-failed.js';
import { LoginFlowRepository, type Claimed, type NewFlow } from './login-flow.repository.js';
import { viewOf, type LoginFlowView, type LoginTarget } from './login-flow-row.js';
import { LOGIN_POLL_JOB, nextPoll } from './login-job.js';
import { startFailure } from './login-outcome.js';
import { codexLoginProvider, PROVIDER_MS } from './login-provider.js';

/** From its beginning to the code. */
const FLOW_LIFE_MS = 10 * 60_000;
const SLOWER_SECONDS = 5;
const MAX_LABEL_CHARS = 100;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Logins of operators with the provider. All of their state is in the database: any replica goes on with any of them. */
@Injectable()
export class LoginFlows {
  private readonly log = new Logger(LoginFlows.name);

  constructor(
    private readonly rows: LoginFlowRepository,
    private readonly kinds: UpstreamKinds,
    private readonly completion: LoginCompletion,
    private readonly jobs: JobProducer,
  ) {}

  /**
   * Begin a login in a browser.
   *
   * @returns where to sign in; what the browser ends at goes to `complete`
   * @throws LoginFailed when the label is no good, or the account not there
   */
  async startBrowser(target: LoginTarget, now: Clock = Date.now): Promise<LoginFlowView> {
    const flow = await this.begun(target, now());
    const challenge = { state: randomBytes(32).toString('base64url'), verifier: randomBytes(64).toString('base64url') };
    await this.rows.insertBrowser(flow, challenge, this.provider.redirectUri);
    return this.required(flow.id, now);
  }

  /**
   * Begin a login by device code. A worker polls until it is over; so may whoever waits for it.
   *
   * @throws LoginFailed also when the provider gives no code
   */
  async startDevice(target: LoginTarget, now: Clock = Date.now): Promise<LoginFlowView> {
    const flow = await this.begun(target, now());
    const device = await this.provider.startDevice(AbortSignal.timeout(PROVIDER_MS)).catch((thrown: unknown) => {
      throw startFailure(thrown);
    });
    const nowMs = now();
    const expiresAtMs = Math.min(nowMs + FLOW_LIFE_MS, device.expiresAtMs ?? Infinity);
    await this.rows.insertDevice({ ...flow, nowMs, expiresAtMs }, device);
    const view = await this.required(flow.id, now);
    await this.pollLater(view, now());
    return view;
  }

  /**
   * End a login in a browser: redeem the code and make an account of it. Works once; whatever happens, its code is not
   * used again.
   *
   * @param pasted the address that the browser ended at
   * @param id the login that it must belong to; absent: whichever it does
   * @throws LoginFailed
   */
  async complete(pasted: string, { id, now = Date.now }: { id?: string; now?: Clock } = {}): Promise<LoginFlowView> {
    const callback = parseCallback(pasted, this.provider.redirectUri);
    const taken = await this.rows.transaction((db) => this.taken(db, callback, id, now()));
    if (taken instanceof LoginFailed) throw taken;
    const failure = await this.completion.run(taken, now);
    if (failure !== undefined) throw failure;
    return this.required(taken.row.id, now);
  }

  /**
   * Ask the provider whether somebody has typed the code, if it is time and nobody else does; and go all the way when they
   * have. How it went is in the answer.
   *
   * @returns undefined when there is no such login
   */
  async poll(id: string, now: Clock = Date.now): Promise<LoginFlowView | undefined> {
    const claimed = UUID.test(id) ? await this.rows.claimPoll(id, now()) : undefined;
    if (claimed !== undefined) await this.polled(claimed, now);
    return this.get(id, now);
  }

  /** Everything to show it again, and no secret but the address to sign in at. `undefined` when there is no such login. */
  async get(id: string, now: Clock = Date.now): Promise<LoginFlowView | undefined> {
    if (!UUID.test(id)) return undefined;
    await this.rows.overdue(now(), id);
    const row = await this.rows.find(id);
    const challenge = row && this.rows.challengeOf(row);
    return row && viewOf(row, challenge && this.provider.authorizeUrl(challenge));
  }

  /** Those that are not over, oldest first, without the address to sign in at. */
  async list(now: Clock = Date.now): Promise<readonly LoginFlowView[]> {
    await this.rows.overdue(now());
    return (await this.rows.open()).map((row) => viewOf(row));
  }

  /** @throws LoginFailed when it is not pending */
  async cancel(id: string, now: Clock = Date.now): Promise<LoginFlowView> {
    const view = await this.required(id, now);
    const ended = await this.rows.end({ id, from: view.status, event: 'cancel' }, now());
    if (!ended) throw new LoginFailed('flow_not_pending');
    return this.required(id, now);
  }

  /** Hand the next poll to a worker. @returns false when there is none, or no worker can be told */
  async pollLater(view: LoginFlowView, nowMs: number): Promise<boolean> {
    const next = nextPoll(view, nowMs);
    return next !== undefined && this.jobs.add(QUEUES.tokenRefresh, LOGIN_POLL_JOB, next.data, next.options);
  }

  private get provider(): LoginProvider {
    return codexLoginProvider(this.kinds);
  }

  /** @throws LoginFailed */
  private async begun(target: LoginTarget, nowMs: number): Promise<NewFlow> {
    const flow = { id: randomUUID(), nowMs, expiresAtMs: nowMs + FLOW_LIFE_MS };
    if ('relink' in target) {
      if (!(await this.rows.canRelink(target.relink))) throw new LoginFailed('account_unknown');
      return { ...flow, target };
    }
    const label = target.label.trim();
    if (label === '' || label.length > MAX_LABEL_CHARS) throw new LoginFailed('label_invalid');
    // Better now than when somebody has signed in.
    if (await this.rows.isLabelTaken(label)) throw new LoginFailed('label_taken');
    return { ...flow, target: { ...target, label } };
  }

  /** Whoever comes with the same address after this comes too late. A failure is given back, so that the row keeps it. */
  private async taken(
    db: EntityManager,
    callback: Callback,
    id: string | undefined,
    nowMs: number,
  ): Promise<Exchange | LoginFailed> {
    const row = await this.rows.lockByState(db, callback.state);
    if (row === undefined) return new LoginFailed('flow_unknown');
    if (id !== undefined && row.id !== id) return new LoginFailed('flow_mismatch');
    const isLate = row.status === 'expired' || (row.status === 'pending' && row.expires_at.getTime() <= nowMs);
    if (isLate) return new LoginFailed('flow_expired');
    const challenge = this.rows.challengeOf(row);
    if (row.status !== 'pending' || challenge === undefined) return new LoginFailed('flow_not_pending');
    if ('refused' in callback) {
      const failure = new LoginFailed('provider_refused', callback.refused);
      await this.rows.move(db, { id: row.id, from: 'pending', event: 'refused', errorCode: failure.kept }, nowMs);
      return failure;
    }
    const claim = await this.rows.beginExchange(row, nowMs, db);
    if (claim === undefined) return new LoginFailed('flow_not_pending');
    const { code } = callback;
    return { row, claim, code: { code, verifier: challenge.verifier, redirectUri: this.provider.redirectUri } };
  }

  private async polled(claimed: Claimed, now: Clock): Promise<void> {
    const { row, until } = claimed;
    const interval = row.interval_seconds ?? SLOWER_SECONDS;
    const device = this.rows.deviceOf(row);
    if (device === undefined) return;
    const answer = await this.provider.pollDevice(device, AbortSignal.timeout(PROVIDER_MS)).catch((thrown: unknown) => {
      this.log.warn({ msg: 'a login was not polled', flowId: row.id, error: safeError(thrown) });
      return { is: 'pending' } as const;
    });
    switch (answer.is) {
      case 'pending':
        return this.rows.release(claimed, now(), interval);
      case 'slow_down':
        return this.rows.release(claimed, now(), interval + SLOWER_SECONDS);
      case 'refused':
        await this.rows.end(
          { id: row.id, from: 'pending', event: 'refused', claim: until, errorCode: answer.reason },
          now(),
        );
        return;
      case 'approved': {
        const claim = await this.rows.beginExchange(row, now());
        if (claim !== undefined) await this.completion.run({ row, claim, code: answer.code }, now);
      }
    }
  }

  private async required(id: string, now: Clock): Promise<LoginFlowView> {
    const view = await this.get(id, now);
    if (view === undefined) throw new LoginFailed('flow_unknown');
    return view;
  }
}
