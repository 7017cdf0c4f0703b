import { asFields, asText, type DeviceAnswer, type DeviceLogin, type Fields } from '../../core/index.js';
import { providerError } from '../transport/provider-error.js';

type WithoutCode = Exclude<DeviceAnswer, { is: 'approved' }>;

/** What a poll was answered with, its code not yet joined with where it may be redeemed. */
export type PollAnswer =
  | WithoutCode
  | { readonly is: 'unclear' }
  | { readonly is: 'approved'; readonly code: string; readonly verifier: string };

const DEFAULT_INTERVAL_SECONDS = 5;
const MAX_INTERVAL_SECONDS = 300;
const MAX_CHARS = 4_096;
/** Shown to a person, who types it. */
const USER_CODE = /^[A-Za-z0-9-]{1,64}$/;
/** @see RFC 8628, section 3.5; the first are this provider's own */
const FINAL = ['access_denied', 'expired_token', 'deviceauth_denied', 'deviceauth_expired', 'invalid_grant'];

/** @returns undefined when nobody could log in with it */
export function deviceLoginOf(body: string): Omit<DeviceLogin, 'verificationUri'> | undefined {
  const answer = parsed(body);
  const deviceAuthId = secret(answer.device_auth_id);
  const userCode = asText(answer.user_code) ?? asText(answer.usercode);
  if (deviceAuthId === undefined || userCode === undefined || !USER_CODE.test(userCode)) return undefined;
  const expiresAtMs = instantOf(answer.expires_at);
  return {
    deviceAuthId,
    userCode,
    intervalSeconds: intervalOf(answer.interval),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
}

/**
 * `unclear` is an answer that says neither yes nor no, such as a 500: another poll may be told more. Until somebody has
 * typed the code the provider does as if there were nothing: 403 or 404.
 */
export function pollAnswerOf(status: number, body: string): PollAnswer {
  const answer = parsed(body);
  const { tokens } = providerError(answer);
  if (tokens.includes('slow_down')) return { is: 'slow_down' };
  if (tokens.includes('authorization_pending')) return { is: 'pending' };
  const reason = FINAL.find((each) => tokens.includes(each));
  if (reason !== undefined) return { is: 'refused', reason };
  if (status === 403 || status === 404) return { is: 'pending' };
  const code = secret(answer.authorization_code);
  const verifier = secret(answer.code_verifier);
  if (status > 299 || code === undefined || verifier === undefined) return { is: 'unclear' };
  return { is: 'approved', code, verifier };
}

function parsed(body: string): Fields {
  try {
    return asFields(JSON.parse(body)) ?? {};
  } catch {
    return {};
  }
}

const secret = (value: unknown): string | undefined => {
  const text = asText(value);
  return text !== undefined && text.length <= MAX_CHARS ? text : undefined;
};

/** A number, or the decimal digits of one. */
function intervalOf(value: unknown): number {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 1) return DEFAULT_INTERVAL_SECONDS;
  return Math.min(seconds, MAX_INTERVAL_SECONDS);
}

/** ISO 8601, or Unix time in seconds. */
function instantOf(value: unknown): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value * 1_000;
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
