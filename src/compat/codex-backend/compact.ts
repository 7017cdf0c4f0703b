import { z } from 'zod';
import { CallBody, GatewayError, type PoolPolicy, type RoutedCall } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import type { JsonBody } from '../json-body.js';
import { withoutTriggers } from './compaction.js';
import type { Received } from '../received.js';
import { cacheKeyIn, goesOnFrom } from '../translation/sealed-items.js';
import { askedApart, egressBody } from './egress-body.js';
import { fileReferences } from './file-references.js';
import { plainCall } from './plain-call.js';

const envelope = z.looseObject({
  model: z.string().trim().min(1).optional(),
  input: z.array(z.unknown()).optional(),
  tools: z.array(z.unknown()).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z.record(z.string(), z.unknown()).nullish(),
  prompt_cache_key: z.string().nullish(),
  promptCacheKey: z.string().nullish(),
});

const SHAPE: Readonly<Record<string, string>> = {
  model: 'model must be a non-empty string',
  input: 'input must be an array',
  tools: 'tools must be an array',
  parallel_tool_calls: 'parallel_tool_calls must be a boolean',
  text: 'text must be an object',
};

const LITE = 'x-openai-internal-codex-responses-lite';

/**
 * A compact request of an older Codex CLI as a routed call: JSON in and out. The client's own bytes go on unless they
 * hold something that the endpoint refuses. Source: codex-cli-wire §7, runtime contract §7.3.
 *
 * @throws GatewayError `invalid_request` with the field that is wrong
 */
export function decodeCompact(
  { bytes, object }: JsonBody,
  received: Received,
  pool: Pick<PoolPolicy, 'defaultModel'>,
): RoutedCall {
  const parsed = envelope.safeParse(object);
  if (!parsed.success) throw invalid(String(parsed.error.issues[0]?.path[0] ?? ''));
  const { data } = parsed;
  const model = data.model ?? pool.defaultModel;
  if (model === undefined) throw new GatewayError('invalid_request', 'model is required', { param: 'model' });
  const input = withoutTriggers(data.input ?? []);
  if (input.length === 0 && received.headers[LITE] !== 'true') {
    throw new GatewayError('invalid_request', 'input must be a non-empty array', { param: 'input' });
  }
  const files = fileReferences(input);
  return plainCall(received, {
    operation: 'compact',
    model,
    ...(files.length === 0 ? {} : { files }),
    ...goesOnFrom(input),
    ...cacheKeyIn(data.prompt_cache_key ?? data.promptCacheKey),
    ...sessionIn(data),
    ...askedApart(object),
    body: new CallBody(egressBody(wanted(object, input, model), object, bytes, 'http')),
  });
}

function sessionIn({ prompt_cache_key, promptCacheKey }: z.infer<typeof envelope>): Pick<RoutedCall, 'session'> {
  const session = (prompt_cache_key ?? promptCacheKey)?.trim() ?? '';
  return session === '' ? {} : { session };
}

const invalid = (param: string): GatewayError =>
  new GatewayError('invalid_request', SHAPE[param] ?? `${param} must be a string`, { param });

/** The object itself when it can go as it is. Whether to stream or store is a Responses request's to say, not this one's. */
function wanted(object: JsonBody['object'], input: readonly unknown[], model: string): JsonBody['object'] {
  const { stream, store, promptCacheKey, ...kept } = object;
  const sent = Array.isArray(object['input']) ? object['input'] : [];
  const same = sent.length === input.length && object['model'] !== undefined;
  if (same && [stream, store, promptCacheKey].every((value) => value === undefined)) return object;
  return {
    model,
    ...(promptCacheKey === undefined ? {} : { prompt_cache_key: promptCacheKey }),
    ...kept,
    ...('input' in object ? { input } : {}),
  };
}

/**
 * The answer's own bytes when it is an object with an `output`: without one the CLI could not go on.
 *
 * @throws GatewayError `invalid_compaction_response`
 */
export async function* compactAnswer(parts: AsyncIterable<AnswerPart>): AsyncGenerator<Buffer> {
  for await (const part of parts) {
    if (part.kind === 'head') continue;
    const answer = part.events[0]?.json();
    if (typeof answer !== 'object' || answer === null || !('output' in answer) || !Array.isArray(answer.output)) {
      throw new GatewayError('invalid_compaction_response', 'The upstream answered the compaction without its result.');
    }
    yield part.raw;
  }
}
