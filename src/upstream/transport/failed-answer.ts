import type { GatewayError } from '../../core/index.js';
import { MAX_FAILURE_BYTES, type ReadFailure } from './failure.js';
import type { HttpAnswer } from './upstream-http.service.js';

/** How long the body of an error answer may take; its status is known already. */
const FAILURE_BODY_MS = 10_000;

/**
 * An error answer's meaning. A body that cannot be read leaves the status to speak alone.
 *
 * @param read    how the kind reads it
 * @param nowMs   Unix time in milliseconds
 * @param anyForm the call's answers need not be JSON, and so neither its failures
 */
export async function failedAnswer(
  { status, headers, body }: HttpAnswer,
  read: ReadFailure,
  nowMs: number,
  anyForm = false,
): Promise<GatewayError> {
  const kept: Buffer[] = [];
  let bytes = 0;
  let cut = false;
  const late = setTimeout(() => body.destroy(), FAILURE_BODY_MS);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      kept.push(chunk);
      bytes += chunk.length;
      cut = bytes > MAX_FAILURE_BYTES;
      if (cut) break;
    }
  } catch {
    cut = true;
  } finally {
    clearTimeout(late);
  }
  const start = Buffer.concat(kept).subarray(0, MAX_FAILURE_BYTES);
  return read({ status, headers, body: start, cut, anyForm }, nowMs);
}
