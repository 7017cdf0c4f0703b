import type { ProviderError } from './provider-error.js';
import { header, type ReceivedHeaders } from './received-headers.js';

/** How long a refusal asks to wait, in milliseconds; `undefined` when it does not say. */
export const askedWaitMs = (
  headers: ReceivedHeaders,
  { message }: Pick<ProviderError, 'message'>,
  nowMs: number,
): number | undefined => retryAfterOf(headers, nowMs) ?? waitIn(message);

/** `retry-after-ms`, or `retry-after` in seconds or as an HTTP date; in milliseconds. */
function retryAfterOf(headers: ReceivedHeaders, nowMs: number): number | undefined {
  const ms = Number(header(headers, 'retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms)) return ms;
  const said = header(headers, 'retry-after')?.trim();
  if (said === undefined || said === '') return undefined;
  const wait = /^\d+(\.\d+)?$/.test(said) ? Number(said) * 1000 : Date.parse(said) - nowMs;
  return Number.isFinite(wait) ? wait : undefined;
}

/** "… try again in 1.5s" (also `300ms`, `35 seconds`), the only place where an event in a stream says how long. */
function waitIn(message: string | undefined): number | undefined {
  const [, amount, unit] = /try again in (\d{1,6}(?:\.\d{1,6})?) ?(ms|s|seconds?)\b/i.exec(message ?? '') ?? [];
  return amount === undefined ? undefined : Number(amount) * (unit?.toLowerCase() === 'ms' ? 1 : 1000);
}
