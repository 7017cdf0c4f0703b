import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LimitStatusService } from '../../accounting/index.js';
import { CredentialThrottle } from '../../auth/index.js';
import { GatewayError, type Principal } from '../../core/index.js';
import { AccountCallers, AccountPoolService } from '../../upstream/index.js';
import { dailyTokenBody } from './daily-token-body.js';
import { isDailyTokens } from './told-limit.js';
import { usageBody } from './usage-body.js';

const SCHEME = 'Bearer ';
/** A Pool has no plan: the clients' texts about plans would speak of somebody's own. */
const NO_PLAN = 'api_key';
const UNKNOWN_PLAN = 'unknown';

/**
 * How much is left, from memory: of the whole Pool for its keys, of one account for who shows that account's own token.
 * Source: runtime contract §12.
 */
@Controller(['backend-api/wham/usage', 'wham/usage', 'api/codex/usage'])
export class UsageController {
  constructor(
    private readonly accounts: AccountPoolService,
    private readonly callers: AccountCallers,
    private readonly limits: LimitStatusService,
    private readonly throttle: CredentialThrottle,
  ) {}

  @Get()
  async usage(@Req() request: FastifyRequest): Promise<object> {
    const caller = request.ingress?.caller;
    if (caller) return this.ofKey(caller, Date.now());
    const { plan, capacity } = await this.ofAccount(request, Date.now());
    return usageBody(plan ?? UNKNOWN_PLAN, capacity, Date.now());
  }

  private ofAccount(request: FastifyRequest, nowMs: number): ReturnType<AccountCallers['usageOf']> {
    const [account, token] = [namedAccount(request), bearerOf(request)];
    const shown = { door: 'account', address: request.ingress?.address, credential: token } as const;
    return this.throttle.tried(shown, nowMs, () => this.callers.usageOf(account, token, nowMs));
  }

  /** Where no upstream has told anything, the key's own tokens of a day are all that is known. */
  private async ofKey({ pool, limits = [] }: Principal, nowMs: number): Promise<object> {
    const capacity = await this.accounts.capacity(pool.id);
    const own = limits.filter(({ tokensPerDay }) => tokensPerDay !== undefined);
    if (capacity.windows.length > 0 || own.length === 0) return usageBody(NO_PLAN, capacity, nowMs);
    const daily = (await this.limits.statusOf(own, nowMs)).find(isDailyTokens);
    return daily ? dailyTokenBody(NO_PLAN, daily, nowMs) : usageBody(NO_PLAN, capacity, nowMs);
  }
}

/** @throws GatewayError `invalid_api_key`; the ingress lets nobody get this far without either */
function namedAccount({ headers }: FastifyRequest): string {
  const named = headers['chatgpt-account-id'];
  if (typeof named === 'string' && named.trim() !== '') return named.trim();
  throw new GatewayError('invalid_api_key', 'A valid Pool API key, or an account and its token, is required.');
}

const bearerOf = ({ headers: { authorization = '' } }: FastifyRequest): string =>
  authorization.startsWith(SCHEME) ? authorization.slice(SCHEME.length) : '';
