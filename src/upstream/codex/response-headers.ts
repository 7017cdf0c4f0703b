import type { RoutedCall } from '../../core/index.js';
import { wireOf } from './operations.js';

/** Response headers as the HTTP client gives them. */
export type ReceivedHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

const MAX_BYTES = 1024;
/** What a Codex client reads from an answer and may get through us. Its quota headers speak of one account: left out. */
const PASSED = [
  'content-type',
  'x-codex-turn-state',
  'x-reasoning-included',
  'x-codex-safety-buffering-enabled',
  'x-codex-safety-buffering-faster-model',
] as const;

/** A header's first value. */
export function header(headers: ReceivedHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

/** Of a failed answer: what the turn goes on with, and what the provider's support asks for. */
export function visibleFailureHeaders(headers: ReceivedHeaders): Record<string, string> {
  const shown = {
    'x-codex-turn-state': header(headers, 'x-codex-turn-state'),
    'x-oai-request-id': requestIdIn(headers),
  };
  return Object.fromEntries(Object.entries(shown).filter((entry): entry is [string, string] => isShort(entry[1])));
}

const requestIdIn = (headers: ReceivedHeaders): string | undefined =>
  header(headers, 'x-oai-request-id') ?? header(headers, 'x-request-id');

const isShort = (value: string | undefined): value is string =>
  value !== undefined && Buffer.byteLength(value) <= MAX_BYTES;

/**
 * The answer's headers that a client may see.
 *
 * `openai-model` goes on only when it names the model that was asked for: the CLI tells its user that the account was
 * flagged when it differs. The upstream's request id becomes `x-oai-request-id`, because `x-request-id` is ours. Of
 * `location` only the path goes on: its host is not ours.
 */
export function visibleHeaders(
  headers: ReceivedHeaders,
  call: Pick<RoutedCall, 'operation' | 'model'>,
): Record<string, string> {
  const visible: Record<string, string> = {};
  const put = (name: string, value: string | undefined): void => {
    if (isShort(value)) visible[name] = value;
  };
  for (const name of PASSED) put(name, header(headers, name));
  const served = header(headers, 'openai-model') ?? header(headers, 'x-openai-model');
  if (served?.trim().toLowerCase() === call.model.trim().toLowerCase()) put('openai-model', served);
  if (wireOf(call).located) put('location', pathOf(header(headers, 'location')));
  put('x-oai-request-id', requestIdIn(headers));
  return visible;
}

const ANYWHERE = 'http://upstream';

const pathOf = (location: string | undefined): string | undefined =>
  location !== undefined && URL.canParse(location, ANYWHERE) ? new URL(location, ANYWHERE).pathname : undefined;
