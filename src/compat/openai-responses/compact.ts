import {
  asFields,
  asFieldsList,
  asText,
  CallBody,
  GatewayError,
  type Fields,
  type RoutedCall,
} from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { withoutTriggers } from '../codex-backend/compaction.js';
import type { Received } from '../received.js';

/** What the backend's compact endpoint takes. Source: runtime contract §7.3. */
const SENT = [
  'model',
  'input',
  'instructions',
  'tools',
  'parallel_tool_calls',
  'reasoning',
  'service_tier',
  'prompt_cache_key',
  'text',
];
const TAKEN: ReadonlySet<string> = new Set([...SENT, 'prompt_cache_options', 'previous_response_id', 'stream']);

/**
 * A compact request as the Responses request whose conversation is to be folded. Source: runtime contract §10.3.
 *
 * @throws GatewayError with the field that is wrong
 */
export function compactRequest(body: Fields): Fields {
  const unknown = Object.keys(body).find((name) => !TAKEN.has(name) && body[name] !== null);
  if (unknown !== undefined) {
    throw new GatewayError('unsupported_parameter', `Unsupported parameter: ${unknown.slice(0, 100)}`, {
      param: unknown.slice(0, 100),
    });
  }
  const { stream, input, prompt_cache_options: _options, ...kept } = body;
  if (stream !== undefined && stream !== null && stream !== false) {
    throw new GatewayError('invalid_request', 'stream must be false: a compaction is one JSON answer', {
      param: 'stream',
    });
  }
  const asked = Object.entries(kept).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(asked), input: Array.isArray(input) ? withoutTriggers(input as unknown[]) : input };
}

/** The same call to the endpoint that folds: JSON in and out. */
export function compactCall(call: RoutedCall): RoutedCall {
  const body = asFields(JSON.parse(call.body.bytes.toString())) ?? {};
  const sent = SENT.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]] as const]));
  return {
    ...call,
    operation: 'compact',
    stream: false,
    body: new CallBody(Buffer.from(JSON.stringify(Object.fromEntries(sent)))),
  };
}

/**
 * What a folded conversation is for its client: items that the next request can begin with.
 *
 * @throws GatewayError `invalid_compaction_response` when nothing was folded
 */
export async function compactedResponse(
  parts: AsyncIterable<AnswerPart>,
  { id, receivedAtMs }: Pick<Received, 'id' | 'receivedAtMs'>,
): Promise<Fields> {
  const answer = await objectIn(parts);
  const output = asFieldsList(answer['output']).flatMap(projected);
  if (!output.some(({ type }) => type === 'compaction')) {
    throw new GatewayError('invalid_compaction_response', 'The upstream answered the compaction without its result.');
  }
  const { id: givenId, created_at: createdAt, usage } = answer;
  return {
    id: asText(givenId) ?? `resp_${id.replaceAll('-', '')}`,
    object: 'response.compaction',
    created_at: typeof createdAt === 'number' ? createdAt : Math.floor(receivedAtMs / 1000),
    output,
    usage: asFields(usage) ?? null,
  };
}

async function objectIn(parts: AsyncIterable<AnswerPart>): Promise<Fields> {
  let answer: Fields | undefined;
  for await (const part of parts) if (part.kind === 'batch') answer ??= asFields(part.events[0]?.json());
  return answer ?? {};
}

function projected(item: Fields): readonly Fields[] {
  const { type, role, content, encrypted_content: sealed } = item;
  if (type === 'message') return [{ type, role, content }];
  const isFolded = type === 'compaction' || type === 'compaction_summary';
  if (!isFolded || typeof sealed !== 'string' || sealed.trim() === '') return [];
  const id = asText(item['id']);
  return [{ type: 'compaction', ...(id === undefined ? {} : { id }), encrypted_content: sealed }];
}
