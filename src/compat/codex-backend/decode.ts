import { z } from 'zod';
import { CallBody, GatewayError, type PoolPolicy, type RoutedCall } from '../../core/index.js';
import type { Received } from '../received.js';
import { sessionOf } from '../session-name.js';
import { cacheKeyIn, goesOnFrom } from '../translation/sealed-items.js';
import { clientHeaders } from './client-headers.js';
import { asksForCompaction } from './compaction.js';
import { askedApart, continuesUpstream, egressBody } from './egress-body.js';
import { fileReferences } from './file-references.js';

const PREVIOUS = 'x-codex-previous-response-id';

/** The fields that routing looks at; every other one passes as it is. */
const envelope = z.looseObject({
  model: z.string().trim().min(1).optional(),
  stream: z.boolean().nullish(),
  input: z.array(z.unknown()).optional(),
  tools: z.array(z.unknown()).nullish(),
  prompt_cache_key: z.string().nullish(),
  previous_response_id: z.string().nullish(),
});

/**
 * A Responses request of a Codex client as a routed call. Its bytes stay the client's own unless the upstream is known
 * to refuse a field (see `egressBody`).
 *
 * @param body   the request's JSON object, already parsed from `bytes`
 * @throws GatewayError `invalid_request` with the field that is wrong
 */
export function decode(
  body: Record<string, unknown>,
  bytes: Buffer,
  received: Received,
  pool: Pick<PoolPolicy, 'defaultModel'>,
): RoutedCall {
  const { fields, model, input } = envelopeOf(body, pool);
  const { transport } = received;
  const files = fileReferences(input);
  const folds = asksForCompaction(input, transport === 'websocket' && typeof fields.previous_response_id === 'string');
  const session = sessionOf(received.headers) ?? (fields.prompt_cache_key?.trim() || undefined);
  return {
    id: received.id,
    requestId: received.requestId,
    receivedAtMs: received.receivedAtMs,
    dialect: 'codex-backend',
    operation: folds ? 'compaction' : 'responses',
    transport,
    // One thing in the ledger, however it is asked for.
    route: folds ? `${received.route}/compact` : received.route,
    model,
    stream: fields.stream === true || transport === 'websocket',
    ...(session === undefined ? {} : { session }),
    ...(files.length === 0 ? {} : { files }),
    ...goesOnFrom(input, earlierResponse(fields, received)),
    ...cacheKeyIn(fields.prompt_cache_key),
    ...askedApart(body),
    headers: clientHeaders(received.headers),
    body: new CallBody(egressBody(fields.model === undefined ? { ...body, model } : body, body, bytes, transport)),
  };
}

function envelopeOf(body: Record<string, unknown>, { defaultModel }: Pick<PoolPolicy, 'defaultModel'>) {
  const parsed = envelope.safeParse(body);
  if (!parsed.success) throw invalid(parsed.error);
  const fields = parsed.data;
  const model = fields.model ?? defaultModel;
  if (model === undefined) throw new GatewayError('invalid_request', 'model is required', { param: 'model' });
  const { input } = fields;
  if (input === undefined) throw new GatewayError('invalid_request', 'input must be an array', { param: 'input' });
  return { fields, model, input };
}

/** Of the client, as far as the upstream hears of it. A header says it for those that cannot say it in the body. */
function earlierResponse(fields: z.infer<typeof envelope>, { transport, headers }: Received): string | undefined {
  const named = continuesUpstream(fields, transport) ? fields.previous_response_id : undefined;
  const header = headers[PREVIOUS];
  return named ?? (typeof header === 'string' ? header : undefined);
}

const SHAPE: Record<string, string> = {
  model: 'model must be a non-empty string',
  stream: 'stream must be a boolean',
  input: 'input must be an array',
  tools: 'tools must be an array',
  prompt_cache_key: 'prompt_cache_key must be a string',
  previous_response_id: 'previous_response_id must be a string',
};

function invalid(error: z.ZodError): GatewayError {
  const param = String(error.issues[0]?.path[0] ?? '');
  return new GatewayError('invalid_request', SHAPE[param] ?? 'Invalid request', { param });
}
