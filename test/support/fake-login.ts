const CLAIMS = 'https://api.openai.com/auth';
const DAY_MS = 86_400_000;
/** One moment for all logins of a test file: the same login made twice has the same tokens. */
const TEN_DAYS_FROM_NOW_MS = Date.now() + 10 * DAY_MS;

export interface FakeLoginOptions {
  readonly accountId?: string;
  readonly userId?: string;
  readonly plan?: string;
  /** Absent: its tokens name none. */
  readonly workspaceId?: string;
  readonly seatType?: string;
  readonly email?: string;
  /** Unix time in milliseconds at which the access token ends; the id token ends with it. Default: ten days from now. */
  readonly expiresAtMs?: number;
  readonly refreshToken?: string;
  /** Makes two tokens of one account differ. */
  readonly generation?: number;
}

export interface FakeLogin {
  readonly accountId: string;
  readonly userId: string;
  readonly plan: string;
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
  readonly expiresAtMs: number;
  /** The text of an `auth.json` as the Codex CLI writes it after a ChatGPT login. */
  readonly authJson: string;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A well-formed JWT whose signature is made up: nobody in the gateway's path holds the provider's keys. */
export const fakeJwt = (claims: object): string =>
  `${part({ alg: 'RS256', kid: 'simulated', typ: 'JWT' })}.${part(claims)}.${Buffer.from('simulated').toString('base64url')}`;

/** A ChatGPT login that exists nowhere, with the claims that a real one carries. */
export function fakeLogin(options: FakeLoginOptions = {}): FakeLogin {
  const accountId = options.accountId ?? 'acc_simulated_1';
  const userId = options.userId ?? `user_of_${accountId}`;
  const plan = options.plan ?? 'pro';
  const expiresAtMs = options.expiresAtMs ?? TEN_DAYS_FROM_NOW_MS;
  const generation = options.generation ?? 0;
  const exp = Math.floor(expiresAtMs / 1000);
  const identity = {
    chatgpt_account_id: accountId,
    chatgpt_user_id: userId,
    chatgpt_plan_type: plan,
    ...(options.workspaceId === undefined ? {} : { workspace_id: options.workspaceId }),
    ...(options.seatType === undefined ? {} : { seat_type: options.seatType }),
  };
  const claims = { exp, sub: userId, jti: `${accountId}-${generation}` };
  const accessToken = fakeJwt({
    ...claims,
    aud: ['https://api.openai.com/v1'],
    [CLAIMS]: { ...identity, chatgpt_compute_residency: 'no_constraint' },
  });
  const idToken = fakeJwt({
    ...claims,
    aud: ['app_EMoamEEZ73f0CkXaXp7hrann'],
    email: options.email ?? `${accountId}@example.test`,
    [CLAIMS]: identity,
  });
  const refreshToken = options.refreshToken ?? `rt_${accountId}_${generation}`;
  return {
    accountId,
    userId,
    plan,
    accessToken,
    idToken,
    refreshToken,
    expiresAtMs,
    authJson: authJsonOf({ accountId, accessToken, idToken, refreshToken }),
  };
}

function authJsonOf(login: { accountId: string; accessToken: string; idToken: string; refreshToken: string }): string {
  const content = {
    auth_mode: 'chatgpt',
    OPENAI_API_KEY: null,
    tokens: {
      id_token: login.idToken,
      access_token: login.accessToken,
      refresh_token: login.refreshToken,
      account_id: login.accountId,
    },
    last_refresh: '2026-01-01T00:00:00Z',
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}
