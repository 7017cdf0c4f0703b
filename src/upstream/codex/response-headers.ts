import type { RoutedCall } from '../../core/index.js';
import { header, requestIdIn, shown, type ReceivedHeaders } from '../transport/received-headers.js';
import { wireOf } from './operations.js';

/** What a Codex client reads from an answer and may get through us. Its quota headers speak of one account: left out. */
const PASSED = [
  'content-type',
  'x-codex-turn-state',
  'x-reasoning-included',
  'x-codex-safety-buffering-enabled',
  'x-codex-safety-buffering-faster-model',
] as const;

/** Of a failed answer: what the turn goes on with, and what the provider's support asks for. */
export const visibleFailureHeaders = (headers: ReceivedHeaders): Record<string, string> =>
  shown({
    'x-codex-turn-state': header(headers, 'x-codex-turn-state'),
    'x-oai-request-id': requestIdIn(headers),
  });

/**
 * The answer's headers that a client may see.
 *
 * `openai-model` goes on only when it names the model that was asked for: the CLI tells its user that the account was
 * flagged when it differs. Of `location` only the path goes on: its host is not ours.
 */
export function visibleHeaders(
  headers: ReceivedHeaders,
  call: Pick<RoutedCall, 'operation' | 'model'>,
): Record<string, string> {
  const passed = PASSED.map((name) => [name, header(headers, name)] as const);
  const served = header(headers, 'openai-model') ?? header(headers, 'x-openai-model');
  const isAsked = served?.trim().toLowerCase() === call.model.trim().toLowerCase();
  return shown({
    ...Object.fromEntries(passed),
    'openai-model': isAsked ? served : undefined,
    location: wireOf(call).located ? pathOf(header(headers, 'location')) : undefined,
    'x-oai-request-id': requestIdIn(headers),
  });
}

const ANYWHERE = 'http://upstream';

const pathOf = (location: string | undefined): string | undefined =>
  location !== undefined && URL.canParse(location, ANYWHERE) ? new URL(location, ANYWHERE).pathname : undefined;
