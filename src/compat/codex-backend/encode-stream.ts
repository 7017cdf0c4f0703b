import { terminalOf, type ResponseEvent } from '../../core/index.js';
import type { AnswerBatch, AnswerPart } from '../../exchange/index.js';
import { failedFrame } from './dialect.js';

const REFUSED_CONTINUATION = new Set(['previous_response_not_found', 'invalid_previous_response_id']);
/** Written by us: a provider's own sentence may quote the prompt, but its code and message are the client's to read. */
const FALLBACK_MESSAGE = 'The upstream failed to complete the response.';

/**
 * The upstream's own bytes, except where Codex would not understand a failure: `error` events, `response.failed` without
 * a nested code and failing `response.incomplete` become a `response.failed` that it does. Source: runtime contract §8.3.
 */
export async function* encodeStream(parts: AsyncIterable<AnswerPart>): AsyncGenerator<Buffer> {
  for await (const part of parts) {
    if (part.kind === 'batch') yield closed(encodeBatch(part));
  }
}

/** A last block that the upstream did not close would swallow whatever comes after it, and clients drop it. */
const closed = (bytes: Buffer): Buffer => (endsBlock(bytes) ? bytes : Buffer.concat([bytes, Buffer.from('\n\n')]));

const endsBlock = (bytes: Buffer): boolean =>
  bytes.length === 0 || bytes.subarray(-4).toString('latin1').replace(/\r\n?/g, '\n').endsWith('\n\n');

function encodeBatch(batch: AnswerBatch): Buffer {
  // The exchange cuts a batch off after its terminal event, so only the last one can be a failure.
  const last = batch.events.at(-1);
  const rewritten = last && rewriteFailure(last);
  if (!last || rewritten === undefined) return batch.raw;
  return Buffer.concat([batch.raw.subarray(0, batch.raw.length - last.raw.length), Buffer.from(rewritten)]);
}

/** @returns undefined when the event is no failure or already in a form that Codex reads */
function rewriteFailure(event: ResponseEvent): string | undefined {
  const terminal = terminalOf(event);
  if (terminal?.outcome !== 'failed') return undefined;
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
