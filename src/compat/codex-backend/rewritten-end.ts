import { terminalOf, type ResponseEvent, type TerminalKind } from '../../core/index.js';
import { failedEvent } from './dialect.js';

/** Written by us: a provider's own sentence may quote the prompt, but its code and message are the client's to read. */
const FALLBACK_MESSAGE = 'The upstream failed to complete the response.';
/** The ends that Codex waits for; it takes no other for one. Source: codex-cli-wire §4. */
const ENDS = new Set(['response.completed', 'response.incomplete']);
const REFUSED_CONTINUATION = new Set(['previous_response_not_found', 'invalid_previous_response_id']);

/** An event of ours in the place of one that Codex would not understand. */
export interface Rewritten {
  readonly type: string;
  readonly response?: object | undefined;
}

/**
 * Ends as Codex understands them: `error` events, `response.failed` without a nested code and failing
 * `response.incomplete` become a `response.failed` that it does, `response.done` and an end without a type become
 * `response.completed`. Source: runtime contract §8.2, §8.3.
 *
 * @returns undefined when the event is no end, or already one that Codex reads
 */
export function rewrittenEnd(event: ResponseEvent): Rewritten | undefined {
  const terminal = terminalOf(event);
  if (!terminal) return undefined;
  if (terminal.outcome === 'failed') return rewrittenFailure(event, terminal);
  if (ENDS.has(event.type)) return undefined;
  return { type: `response.${terminal.outcome}`, response: terminal.response };
}

/** The upstream does not know the response that the request goes on from. */
export const isRefusedContinuation = ({ errorCode }: TerminalKind): boolean =>
  errorCode !== undefined && REFUSED_CONTINUATION.has(errorCode);

function rewrittenFailure(event: ResponseEvent, terminal: TerminalKind): Rewritten | undefined {
  if (isRefusedContinuation(terminal)) return failedEvent(responseId(event), 'stream_incomplete', FALLBACK_MESSAGE);
  if (event.type === 'response.failed' && nestedCode(event) !== undefined) return undefined;
  return failedEvent(responseId(event), terminal.errorCode ?? 'server_error', messageOf(event));
}

const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  );

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const nestedCode = (event: ResponseEvent): string | undefined => text(at(event.json(), 'response', 'error', 'code'));

const responseId = (event: ResponseEvent): string => text(at(event.json(), 'response', 'id')) ?? 'resp_failed';

const messageOf = (event: ResponseEvent): string =>
  text(at(event.json(), 'response', 'error', 'message')) ??
  text(at(event.json(), 'error', 'message')) ??
  FALLBACK_MESSAGE;
