import { anchorDigest, sealedContent } from './anchor.js';
import { asFields } from './fields.js';

/**
 * A Responses request without the reasoning that its new account cannot read. Calls and their results stay: a model can
 * go on from those without what it thought of them. A folded conversation stays as well, nothing would be left of it.
 *
 * @param bytes the request's JSON
 * @param since digests of sealed items: from the first of them that is there on, everything is kept
 * @returns `bytes` themselves when nothing was to be left out, also when they are no such request
 */
export function withoutReasoning(bytes: Buffer, since: ReadonlySet<string>): Buffer {
  const body = asFields(parsed(bytes));
  const input: unknown = body?.['input'];
  if (!Array.isArray(input)) return bytes;
  const items = input as readonly unknown[];
  const first = since.size === 0 ? -1 : items.findIndex((item) => isOneOf(item, since));
  const own = first < 0 ? items.length : first;
  const kept = items.filter((item, at) => at >= own || !isReasoning(item));
  return kept.length === items.length ? bytes : Buffer.from(JSON.stringify({ ...body, input: kept }));
}

const isReasoning = (item: unknown): boolean => asFields(item)?.['type'] === 'reasoning';

function isOneOf(item: unknown, digests: ReadonlySet<string>): boolean {
  const sealed = sealedContent(item);
  return sealed !== undefined && digests.has(anchorDigest(sealed.content));
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined; // a form, a recording
  }
}
