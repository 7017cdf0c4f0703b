import { GatewayError, type AccountAccess, type AccountId } from '../core/index.js';

/** Where tokens come from. */
interface Credentials {
  access(account: { readonly id: AccountId; readonly credentialEpoch: number }): Promise<AccountAccess>;
  refreshed(id: AccountId, epochSeen: number): Promise<AccountAccess>;
}

/**
 * Do something as an account; a 401 is worth one token refresh and one more try.
 *
 * @throws what `use` throws, LoginRequired when the account lost its login over it
 */
export async function renewedOnce<Result>(
  credentials: Credentials,
  account: { readonly id: AccountId; readonly credentialEpoch: number },
  use: (access: AccountAccess) => Promise<Result>,
): Promise<Result> {
  const access = await credentials.access(account);
  try {
    return await use(access);
  } catch (error) {
    if (!(error instanceof GatewayError) || error.detail.upstreamStatus !== 401) throw error;
    return use(await credentials.refreshed(account.id, access.credentialEpoch));
  }
}
