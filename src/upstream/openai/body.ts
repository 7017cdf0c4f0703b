import { asFields, type Fields } from '../../core/index.js';

/**
 * What Codex clients add for their own backend; the Platform answers it with 400 "Unknown parameter", and a turn's
 * metadata is nothing to be sent where it is not needed.
 *
 * @see codex-cli 0.169 with `name = "OpenAI"`, and public reports of proxies in front of the Platform
 */
const OF_THE_REQUEST = 'client_metadata';
const OF_AN_ITEM = 'internal_chat_message_metadata_passthrough';

/**
 * A Responses body as the Platform takes it. It keeps what it is asked unless it is told not to, the backend of Codex
 * never does: a body that does not say is not to be kept.
 *
 * @returns the same bytes when nothing has to change, or when they are no JSON object
 */
export function platformBody(bytes: Buffer): Buffer {
  const body = objectIn(bytes);
  if (body === undefined) return bytes;
  const { input } = body;
  const marked = Array.isArray(input) && input.some((item) => OF_AN_ITEM in (asFields(item) ?? {}));
  const kept = typeof body['store'] === 'boolean';
  if (kept && !marked && !(OF_THE_REQUEST in body)) return bytes;
  const { [OF_THE_REQUEST]: _, ...rest } = body;
  const sent = { ...rest, ...(marked ? { input: input.map(unmarked) } : {}), ...(kept ? {} : { store: false }) };
  return Buffer.from(JSON.stringify(sent));
}

function unmarked(item: unknown): unknown {
  const { [OF_AN_ITEM]: _, ...rest } = asFields(item) ?? {};
  return asFields(item) === undefined ? item : rest;
}

function objectIn(bytes: Buffer): Fields | undefined {
  try {
    return asFields(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}
