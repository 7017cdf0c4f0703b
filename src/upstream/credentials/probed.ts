import { GatewayError, LoginRequired, type AccountAccess, type AccountId } from '../../core/index.js';
import { claimsOf } from '../jwt-claims.js';

/** Where tokens come from, and who is told that they are worth nothing. */
interface Credentials {
  access(account: { readonly id: AccountId; readonly credentialEpoch: number }): Promise<AccountAccess>;
  refreshed(id: AccountId, epochSeen: number): Promise<AccountAccess>;
  rejected(access: AccountAccess, askedAtMs: number, reason: string): Promise<boolean>;
}

/** A token that ends sooner may be refused for its age alone. */
const NEAR_ITS_END_MS = 5 * 60_000;
const REASON = 'usage_rejected';

/**
 * Ask an upstream about an account, outside of any call.
 *
 * A 401 on a token that is near its end, or does not say when it ends, is worth one refresh and one more question. On
 * any other token it is the account that is refused: another refresh would bring a token that is refused as well, at
 * every question anew.
 *
 * @param nowMs the clock, Unix time in milliseconds
 * @throws what `use` throws, LoginRequired when the account lost its login over it
 */
export async function probed<Result>(
  credentials: Credentials,
  account: { readonly id: AccountId; readonly credentialEpoch: number },
  use: (access: AccountAccess) => Promise<Result>,
  nowMs: () => number,
): Promise<Result> {
  const ask = async (access: AccountAccess, renewable: boolean): Promise<Result> => {
    const askedAtMs = nowMs();
    try {
      return await use(access);
    } catch (error) {
      if (!(error instanceof GatewayError) || error.detail.upstreamStatus !== 401) throw error;
      if (renewable && mayHaveEnded(access, nowMs())) {
        return ask(await credentials.refreshed(account.id, access.credentialEpoch), false);
      }
      if (await credentials.rejected(access, askedAtMs, REASON)) throw new LoginRequired(REASON);
      throw error;
    }
  };
  return ask(await credentials.access(account), true);
}

function mayHaveEnded({ accessToken }: AccountAccess, nowMs: number): boolean {
  const { expiresAtMs } = claimsOf(accessToken) ?? {};
  return expiresAtMs === undefined || expiresAtMs - nowMs <= NEAR_ITS_END_MS;
}
