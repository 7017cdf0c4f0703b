import { asFields, type Fields } from '../../core/index.js';
import type { Received } from '../received.js';
import type { DecodedResponse } from './decoded.js';

/** What an answer says of the request that it answers, where the upstream does not. */
export interface AnswerShape {
  /** For an answer that comes without one. */
  readonly responseId: string;
  /** As it was asked for. */
  readonly model: string;
  /** Unix time in seconds. */
  readonly createdAt: number;
  /** The stored response that the request goes on from; the upstream never hears of it. */
  readonly previousId?: string;
  /** What the client said and an answer repeats. */
  readonly asked: Fields;
  /** Custom tools that were declared in a namespace → that namespace. */
  readonly namespaces: ReadonlyMap<string, string>;
}

export function answerShape(
  { wanted: { model, fields }, namespaces }: Pick<DecodedResponse, 'wanted' | 'namespaces'>,
  { id, receivedAtMs }: Pick<Received, 'id' | 'receivedAtMs'>,
  previousId: string | undefined,
): AnswerShape {
  const { parallel_tool_calls: parallel, tool_choice: choice, tools, metadata } = fields;
  return {
    responseId: `resp_${id.replaceAll('-', '')}`,
    model,
    createdAt: Math.floor(receivedAtMs / 1000),
    ...(previousId === undefined ? {} : { previousId }),
    asked: {
      metadata: metadata ?? {},
      parallel_tool_calls: parallel ?? true,
      tool_choice: choice ?? 'auto',
      tools: tools ?? [],
    },
    namespaces,
  };
}

/**
 * A response that is over, with everything that clients read in one. What the upstream says of it wins, except of what
 * is between the client and us.
 */
export function finishedResponse(
  given: Fields,
  output: readonly unknown[],
  status: string,
  shape: AnswerShape,
): Fields {
  const own = {
    id: shape.responseId,
    object: 'response',
    created_at: shape.createdAt,
    status,
    error: null,
    incomplete_details: null,
    model: shape.model,
    output,
    previous_response_id: null,
    usage: null,
    ...shape.asked,
  };
  const said = Object.entries(given).filter(([name, value]) => name !== 'headers' && isSaid(name, value, own));
  return { ...own, ...Object.fromEntries(said), status, output, ...repeated(shape) };
}

const isSaid = (name: string, value: unknown, own: Fields): boolean =>
  (value !== null && value !== '') || own[name] === undefined || own[name] === null;

/** `metadata` never goes upstream, so what comes back of it is nothing. */
const repeated = ({ previousId, asked: { metadata } }: AnswerShape): Fields => ({
  ...(previousId === undefined ? {} : { previous_response_id: previousId }),
  ...(Object.keys(asFields(metadata) ?? {}).length === 0 ? {} : { metadata }),
});

const STATUSES: ReadonlySet<unknown> = new Set([
  'completed',
  'incomplete',
  'failed',
  'cancelled',
  'queued',
  'in_progress',
]);

/**
 * A response on its way, without what no client knows: another status than those of the protocol (B9), headers.
 *
 * @returns the same object when there is nothing to change
 */
export function beginningResponse(given: Fields, shape: AnswerShape): Fields {
  const odd = 'status' in given && !STATUSES.has(given['status']);
  const changes = repeated(shape);
  if (!odd && !('headers' in given) && Object.keys(changes).length === 0) return given;
  const kept = Object.entries(given).filter(([name]) => name !== 'headers' && !(odd && name === 'status'));
  return { ...Object.fromEntries(kept), ...changes };
}
