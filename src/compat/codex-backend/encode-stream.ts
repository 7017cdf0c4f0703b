import { sseFrame, terminalOf, type ResponseEvent, type TerminalKind } from '../../core/index.js';
import type { AnswerBatch, AnswerHead, AnswerPart } from '../../exchange/index.js';
import { failedFrame } from './dialect.js';

const REFUSED_CONTINUATION = new Set(['previous_response_not_found', 'invalid_previous_response_id']);
/** Written by us: a provider's own sentence may quote the prompt, but its code and message are the client's to read. */
const FALLBACK_MESSAGE = 'The upstream failed to complete the response.';

/** The ends that Codex waits for; it takes no other for one. Source: codex-cli-wire §4. */
const ENDS = new Set(['response.completed', 'response.incomplete']);

/** An event stream as Codex reads it, or the bytes of an answer that is none as they came. */
export const encode = (parts: AsyncIterable<AnswerPart>, { headers }: AnswerHead): AsyncGenerator<Buffer> =>
  headers['content-type']?.toLowerCase().startsWith('text/event-stream') === true
    ? encodeStream(parts)
    : relayed(parts);

async function* relayed(parts: AsyncIterable<AnswerPart>): AsyncGenerator<Buffer> {
  for await (const part of parts) if (part.kind === 'batch') yield part.raw;
}

/**
 * The upstream's own bytes, except where Codex would not understand the end: `error` events, `response.failed` without a
 * nested code and failing `response.incomplete` become a `response.failed` that it does, `response.done` and an end
 * without a type become `response.completed`. Source: runtime contract §8.2, §8.3.
 */
async function* encodeStream(parts: AsyncIterable<AnswerPart>): AsyncGenerator<Buffer> {
  for await (const part of parts) {
    if (part.kind === 'batch') yield closed(encodeBatch(part));
  }
}

/** A last block that the upstream did not close would swallow whatever comes after it, and clients drop it. */
const closed = (bytes: Buffer): Buffer => (endsBlock(bytes) ? bytes : Buffer.concat([bytes, Buffer.from('\n\n')]));

const endsBlock = (bytes: Buffer): boolean =>
  bytes.length === 0 || bytes.subarray(-4).toString('latin1').replace(/\r\n?/g, '\n').endsWith('\n\n');

function encodeBatch(batch: AnswerBatch): Buffer {
  // The exchange cuts a batch off after its terminal event, so only the last one can be it.
  const last = batch.events.at(-1);
  const rewritten = last && rewriteEnd(last);
  if (!last || rewritten === undefined) return batch.raw;
  return Buffer.concat([batch.raw.subarray(0, batch.raw.length - last.raw.length), Buffer.from(rewritten)]);
}

/** @returns undefined when the event is no end, or already one that Codex reads */
function rewriteEnd(event: ResponseEvent): string | undefined {
  const terminal = terminalOf(event);
  if (!terminal) return undefined;
  if (terminal.outcome === 'failed') return rewriteFailure(event, terminal);
  if (ENDS.has(event.type)) return undefined;
  const type = `response.${terminal.outcome}`;
  return sseFrame(type, { type, response: terminal.response });
}

function rewriteFailure(event: ResponseEvent, terminal: TerminalKind): string | undefined {
  const code = terminal.errorCode ?? 'server_error';
  if (REFUSED_CONTINUATION.has(code)) return failedFrame(responseId(event), 'stream_incomplete', FALLBACK_MESSAGE);
  if (event.type === 'response.failed' && nestedCode(event) !== undefined) return undefined;
  return failedFrame(responseId(event), code, messageOf(event));
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
