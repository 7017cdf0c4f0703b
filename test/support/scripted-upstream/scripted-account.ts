import { fakeLogin, type FakeLogin } from '../fake-login.js';
import { json } from './plain-replies.js';
import { usageBody, type Window } from './quota-report.js';
import type { UpgradeScript } from './upgrades.js';
import type { Reply, Script } from './wire.js';

const HOUR_MS = 3_600_000;

export interface AccountOptions {
  readonly accountId?: string;
  readonly userId?: string;
  readonly plan?: string;
  readonly expiresAtMs?: number;
  readonly primary?: Partial<Window>;
  /** `null`: the account has no second window. */
  readonly secondary?: Partial<Window> | null;
  /** How much of the first window each answered call uses up. */
  readonly percentPerCall?: number;
  /** Slugs that the account may use; absent: all. */
  readonly models?: readonly string[];
}

/** A simulated Codex account: its login, its usage windows, and how it answers. */
export class ScriptedAccount {
  readonly primary: Window;
  readonly secondary: Window | undefined;
  readonly models: readonly string[] | undefined;
  /** Takes the place of the upstream's script for calls of this account. */
  script: Script | undefined;
  /** Takes the place of what it tells of its usage by its windows. */
  usageReply: Reply | undefined;
  /** Answers a websocket upgrade of this account, or leaves it to be accepted by returning nothing. */
  upgradeScript: UpgradeScript | undefined;
  /** Model calls with a token that was taken, the ones refused for quota too. */
  calls = 0;
  private current: FakeLogin;
  private readonly queue: Reply[] = [];
  private readonly percentPerCall: number;
  private revoked = false;
  private generation = 0;
  private refreshDead = false;

  constructor(
    options: AccountOptions,
    private readonly nowMs: () => number,
  ) {
    const now = nowMs();
    this.primary = { usedPercent: 12, windowMinutes: 300, resetsAtMs: now + 2 * HOUR_MS, ...options.primary };
    this.secondary =
      options.secondary === null
        ? undefined
        : { usedPercent: 34, windowMinutes: 10_080, resetsAtMs: now + 72 * HOUR_MS, ...options.secondary };
    this.models = options.models;
    this.percentPerCall = options.percentPerCall ?? 0;
    this.current = fakeLogin({ expiresAtMs: now + 240 * HOUR_MS, ...loginOptions(options) });
  }

  get login(): FakeLogin {
    return this.current;
  }

  get id(): string {
    return this.current.accountId;
  }

  /** Whether it takes this access token now. */
  takes(accessToken: string): boolean {
    return !this.revoked && accessToken === this.current.accessToken && this.nowMs() < this.current.expiresAtMs;
  }

  takesRefresh(refreshToken: string): boolean {
    return !this.refreshDead && refreshToken === this.current.refreshToken;
  }

  /** New tokens; the old ones are dead from here on. */
  rotate(): FakeLogin {
    this.generation += 1;
    this.revoked = false;
    const { accountId, userId, plan } = this.current;
    const expiresAtMs = this.nowMs() + 240 * HOUR_MS;
    this.current = fakeLogin({ accountId, userId, plan, expiresAtMs, generation: this.generation });
    return this.current;
  }

  /** From now on the access token gets 401; a refresh cures it. */
  revoke(): void {
    this.revoked = true;
  }

  /** From now on the refresh token gets `invalid_grant`: only a new login helps. */
  killLogin(): void {
    this.revoked = true;
    this.refreshDead = true;
  }

  /** Spend the first window: calls get a quota 429 until then. */
  exhaust(resetsInSeconds: number): void {
    this.primary.usedPercent = 100;
    this.primary.resetsAtMs = this.nowMs() + resetsInSeconds * 1000;
  }

  /** The answer to a question for its usage. */
  usage(): Reply {
    return this.usageReply ?? json(200, usageBody(this, this.nowMs()));
  }

  /** Answers for the next calls of this account, before every script. */
  replyWith(...replies: readonly Reply[]): void {
    this.queue.push(...replies);
  }

  nextReply(): Reply | undefined {
    return this.queue.shift();
  }

  /** Count a call. @returns the refusal when a window is spent */
  spend(): Reply | undefined {
    this.rollOver();
    this.calls += 1;
    const spent = [this.primary, this.secondary].find((window) => window !== undefined && window.usedPercent >= 100);
    if (spent === undefined) {
      this.primary.usedPercent = Math.min(100, this.primary.usedPercent + this.percentPerCall);
      return undefined;
    }
    const error = {
      type: 'usage_limit_reached',
      message: 'The usage limit has been reached',
      plan_type: this.current.plan,
      resets_at: Math.floor(spent.resetsAtMs / 1000),
      resets_in_seconds: Math.ceil((spent.resetsAtMs - this.nowMs()) / 1000),
    };
    return json(429, { error });
  }

  /** A window whose time is over starts anew. */
  private rollOver(): void {
    for (const window of [this.primary, this.secondary]) {
      if (window === undefined || window.resetsAtMs > this.nowMs()) continue;
      window.usedPercent = 0;
      window.resetsAtMs = this.nowMs() + window.windowMinutes * 60_000;
    }
  }
}

const loginOptions = ({ accountId, userId, plan, expiresAtMs }: AccountOptions): object => ({
  ...(accountId === undefined ? {} : { accountId }),
  ...(userId === undefined ? {} : { userId }),
  ...(plan === undefined ? {} : { plan }),
  ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
});
