import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GatewayError,
  LoginRequired,
  type AccountAccess,
  type AccountId,
  type RefreshedTokens,
} from '../../core/index.js';
import { count } from '../../platform/metrics/index.js';
import { safeError } from '../../platform/telemetry/index.js';
import { UpstreamKinds } from '../kinds.js';
import { Turnstile } from '../turnstile.js';
import { unlessAborted } from '../unless-aborted.js';
import { insisted } from './insisted.js';
import { RefreshClaims, type Claim } from './refresh-claims.service.js';
import { refreshFailure } from './refresh-failure.js';
import { PROVIDER_MS, type RefreshRow } from './refresh-sql.js';
import { OUTCOME_UNKNOWN, refreshStep, type RefreshStep } from './refresh-step.js';

type Step = Exclude<RefreshStep, { readonly to: 'forget' }>;

/** At once, in this process: the login server is not there for us alone. */
const MAX_REFRESHING = 3;
/** How long a caller waits for a refresh of another process; it has other accounts to try. */
const WAIT_MS = 5_000;
const LOOK_AGAIN_MS = 50;
/** How long a caller waits for new tokens to be stored, and how long we try: they are worth a login. */
const STORE_WAIT_MS = 20_000;
const STORE_MS = 600_000;

const RESULTS = { dead: 'login_required', lost: 'answer_lost', failed: 'failed' } as const;

/**
 * One account's tokens for new ones. A refresh token works once, so nobody else may use it meanwhile, and its successor
 * must be stored whatever happens: the row is claimed first (`RefreshClaims`), and everybody else waits for what it says
 * next. A claim whose process died, or an answer that did not arrive, leaves the outcome unknown: the token is tried
 * once more, and when that does not help the account needs a new login.
 */
@Injectable()
export class TokenRefresh {
  private readonly log = new Logger(TokenRefresh.name);
  private readonly turnstile = new Turnstile(MAX_REFRESHING);

  constructor(
    private readonly claims: RefreshClaims,
    private readonly kinds: UpstreamKinds,
  ) {}

  /**
   * @param epochSeen the credentials that are no longer good; when the row has newer ones they are returned as they are
   * @throws LoginRequired when only a new login helps; the row says so by then
   * @throws GatewayError and others when trying again may help
   */
  async run(id: AccountId, epochSeen: number): Promise<AccountAccess> {
    let awaited: RefreshRow | undefined;
    for (let waitedMs = 0; waitedMs < WAIT_MS;) {
      const row = await this.claims.read(id);
      const step = refreshStep(row, epochSeen, awaited, row && this.kinds.of(row.kind).credentials);
      if (row === undefined || step.to === 'forget') {
        throw new GatewayError('upstream_account_rejected', 'The account is gone.', { cooldownMs: 0 });
      }
      const access = await this.taken(step, id, row);
      if (access !== undefined) return access;
      awaited = row;
      const pauseMs = LOOK_AGAIN_MS * (1 + Math.random());
      await sleep(pauseMs);
      waitedMs += pauseMs;
    }
    throw new GatewayError('upstream_account_rejected', 'The credentials of the account are being renewed.', {
      cooldownMs: WAIT_MS,
    });
  }

  /**
   * Say of the refreshes that a dead process left behind that their outcome is unknown.
   *
   * @returns the accounts concerned
   */
  async settleAbandoned(): Promise<readonly AccountId[]> {
    const ids = await this.claims.abandoned();
    for (const id of ids) {
      const row = await this.claims.read(id);
      if (row?.abandoned === true && row.refresh_started_at !== null) await this.abandoned(id, row);
    }
    return ids;
  }

  /** @returns undefined when it is worth looking again in a moment */
  private async taken(step: Step, id: AccountId, row: RefreshRow): Promise<AccountAccess | undefined> {
    switch (step.to) {
      case 'use':
        return this.claims.accessOf(id, row);
      case 'wait':
        return undefined;
      case 'share':
        throw new GatewayError('upstream_request_failed', 'The credentials of the account could not be renewed.');
      case 'refuse':
        throw new LoginRequired(step.reason);
      case 'end':
        return this.ended(id, row, step.reason);
      case 'claim':
        return this.turnstile.pass(() => this.claimed(id, row, step.answersLost));
    }
  }

  private async claimed(id: AccountId, row: RefreshRow, answersLost: number): Promise<AccountAccess | undefined> {
    const kind = this.kinds.of(row.kind);
    // From before the claim on: a process that was stopped in between must not use a token that others think is free.
    const deadline = AbortSignal.timeout(PROVIDER_MS);
    const claim = await this.claims.claim(id, row, answersLost);
    if (claim === undefined) return undefined;
    if (row.abandoned) this.log.warn({ msg: 'a process died while it refreshed tokens; trying again', accountId: id });
    let tokens: RefreshedTokens;
    try {
      if (deadline.aborted) throw new GatewayError('upstream_timeout', 'The claim came too late.', { unsent: true });
      tokens = await unlessAborted(kind.refresh(claim.refreshToken, deadline), deadline);
    } catch (thrown) {
      return this.failed(claim, thrown);
    }
    count('gw_token_refresh_total', { result: 'succeeded' });
    return this.stored(id, () => this.claims.save(claim, tokens));
  }

  private async failed(claim: Claim, thrown: unknown): Promise<undefined> {
    const { id, row, answersLost } = claim;
    const failure = refreshFailure(thrown, answersLost);
    count('gw_token_refresh_total', { result: RESULTS[failure.is] });
    if (failure.is === 'dead') return this.ended(id, row, failure.reason);
    if (failure.is === 'lost') {
      this.log.warn({ msg: 'no answer to a token refresh; its outcome is unknown', accountId: id });
    }
    await this.claims.setBack(claim, failure.is === 'lost').catch((error: unknown) => {
      // The claim runs out by itself then, and counts as a lost answer.
      this.log.warn({ msg: 'a failed token refresh was not noted', accountId: id, error: safeError(error) });
    });
    throw thrown;
  }

  /** @throws LoginRequired unless somebody has changed the tokens since */
  private async ended(id: AccountId, row: RefreshRow, reason: string): Promise<undefined> {
    if (!(await this.stored(id, () => this.claims.end(id, row, reason)))) return undefined;
    if (reason === OUTCOME_UNKNOWN) {
      this.log.error({ msg: 'an answer to a token refresh was lost: the account needs a new login', accountId: id });
    }
    throw new LoginRequired(reason);
  }

  private async abandoned(id: AccountId, row: RefreshRow): Promise<void> {
    const answersLost = row.refresh_answers_lost;
    this.log.warn({ msg: 'a process died while it refreshed tokens; the outcome is unknown', accountId: id });
    if (answersLost === 0 && row.refresh_started_at !== null) {
      return this.claims.setBack({ id, row, startedAt: row.refresh_started_at, answersLost }, true);
    }
    await this.ended(id, row, OUTCOME_UNKNOWN).catch((thrown: unknown) => {
      if (!(thrown instanceof LoginRequired)) throw thrown;
    });
  }

  /** What the provider said must not be lost with a broken connection: it is tried for longer than anybody waits. */
  private stored<Result>(id: AccountId, write: () => Promise<Result>): Promise<Result> {
    const told = (msg: string) => (error: unknown) => this.log.warn({ msg, accountId: id, error: safeError(error) });
    const writing = insisted(write, STORE_MS, told('what became of a token refresh cannot be stored yet'));
    writing.catch(told('what became of a token refresh could not be stored'));
    return unlessAborted(writing, AbortSignal.timeout(STORE_WAIT_MS));
  }
}
