import { present } from './present.js';

/** What the provider wrote into a token about its owner. Nothing here is verified: the provider checks its own tokens. */
export interface TokenClaims {
  /** Unix time in milliseconds; absent when the token does not say. */
  readonly issuedAtMs?: number;
  /** Unix time in milliseconds; absent when the token does not say. */
  readonly expiresAtMs?: number;
  readonly accountId?: string;
  readonly userId?: string;
  /** Where the provider says one: a person may have seats in several. */
  readonly workspaceId?: string;
  readonly seatType?: string;
  /** The login's own id, for tokens that name no user. */
  readonly subject?: string;
  readonly plan?: string;
  /** Of the person; never leaves as it is. */
  readonly email?: string;
  /** Where the account's computing must stay; `no_constraint` is left out. */
  readonly residency?: string;
}

/** Longer than any token the provider issues; bounds what is decoded. */
const MAX_TOKEN_CHARS = 32 * 1024;
const MAX_CLAIM_CHARS = 256;
const AUTH_CLAIM = 'https://api.openai.com/auth';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Header-safe text: claims travel in request headers. */
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length <= MAX_CLAIM_CHARS && /^[\x21-\x7e]+$/.test(value) ? value : undefined;

/**
 * Decode a JWT without verifying it.
 *
 * @returns undefined when it is not three base64url parts with a JSON object in the middle
 */
export function claimsOf(token: string): TokenClaims | undefined {
  if (token.length > MAX_TOKEN_CHARS) return undefined;
  const [, payload, signature, rest] = token.split('.', 4);
  if (!payload || signature === undefined || rest !== undefined) return undefined;
  const claims = parsed(payload);
  return claims && describe(claims);
}

function parsed(payload: string): Fields | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return isObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

function describe(claims: Fields): TokenClaims {
  const auth = isObject(claims[AUTH_CLAIM]) ? claims[AUTH_CLAIM] : {};
  const residency = text(auth.chatgpt_compute_residency) ?? text(claims.chatgpt_compute_residency);
  return present({
    issuedAtMs: typeof claims.iat === 'number' && Number.isFinite(claims.iat) ? claims.iat * 1000 : undefined,
    expiresAtMs: typeof claims.exp === 'number' && Number.isFinite(claims.exp) ? claims.exp * 1000 : undefined,
    accountId: text(auth.chatgpt_account_id) ?? text(claims.chatgpt_account_id),
    userId: text(auth.chatgpt_user_id) ?? text(auth.user_id),
    workspaceId: text(auth.workspace_id) ?? text(auth.chatgpt_workspace_id) ?? text(auth.organization_id),
    seatType: text(auth.seat_type),
    subject: text(claims.sub),
    plan: text(auth.chatgpt_plan_type),
    email: text(claims.email),
    residency: residency === 'no_constraint' ? undefined : residency,
  });
}
