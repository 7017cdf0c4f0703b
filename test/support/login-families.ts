import { setTimeout as sleep } from 'node:timers/promises';
import { LoginRequired, type RefreshedTokens } from '../../src/core/index.js';
import { fakeLogin, type FakeLogin } from './fake-login.js';

interface Family {
  readonly accountId: string;
  /** Of the tokens that are good now. */
  generation: number;
  alive: boolean;
  /** Requests that are being answered now. */
  asking: number;
}

/**
 * A login server that gives a refresh token for each one it gets, and takes each one once: whoever shows one again ends
 * the whole login.
 */
export class LoginFamilies {
  private readonly families = new Map<string, Family>();
  refreshes = 0;
  reuses = 0;
  /** Requests for one login that were ever there at once. */
  mostAtOnce = 0;

  /** @param expiresAtMs when refreshed access tokens end */
  constructor(private readonly expiresAtMs?: number) {}

  /** A login of its own, the first of `accountId` or the next. */
  login(accountId: string): FakeLogin {
    const name = `${accountId}.${this.families.size}`;
    const family = { accountId, generation: 0, alive: true, asking: 0 };
    this.families.set(name, family);
    return this.tokensOf(name, family);
  }

  async refresh(refreshToken: string): Promise<Required<RefreshedTokens>> {
    const [name = '', generation] = refreshToken.split('#');
    const family = this.families.get(name);
    if (family === undefined) throw new LoginRequired('invalid_grant');
    family.asking += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, family.asking);
    await sleep(2);
    family.asking -= 1;
    if (Number(generation) !== family.generation) {
      family.alive = false;
      this.reuses += 1;
    }
    if (!family.alive) throw new LoginRequired('refresh_token_reused');
    this.refreshes += 1;
    family.generation += 1;
    return this.tokensOf(name, family);
  }

  /** Whether the token is the one that the server would take now. */
  wouldTake(refreshToken: string): boolean {
    const [name = '', generation] = refreshToken.split('#');
    const family = this.families.get(name);
    return family?.alive === true && family.generation === Number(generation);
  }

  private tokensOf(name: string, { accountId, generation }: Family): FakeLogin {
    const expiresAtMs = this.expiresAtMs === undefined ? {} : { expiresAtMs: this.expiresAtMs };
    return fakeLogin({ accountId, generation, refreshToken: `${name}#${generation}`, ...expiresAtMs });
  }
}
