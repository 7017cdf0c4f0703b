import type { Fields } from '../../core/index.js';
import { decodeResponses } from '../openai-responses/decode.js';
import type { DecodedResponse, DecodeContext } from '../openai-responses/decoded.js';

/** Of what a Responses request may have, that which says something to the backend. */
const FORWARDED = [
  'client_metadata',
  'include',
  'input',
  'instructions',
  'memgen_request',
  'model',
  'moderation',
  'parallel_tool_calls',
  'prompt_cache_key',
  'reasoning',
  'service_tier',
  'subagent',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_p',
] as const;

/** Some clients put a Responses request to the chat route. Source: runtime contract §10.4.1. */
export const isResponsesPayload = ({ messages, input }: Fields): boolean =>
  input !== undefined && (messages === undefined || (Array.isArray(messages) && messages.length === 0));

/** @throws GatewayError as `decodeResponses` does; fields that it does not know are left out */
export function decodePayload(body: Fields, context: Pick<DecodeContext, 'pool' | 'headers'>): DecodedResponse {
  const said = FORWARDED.filter((name) => Object.hasOwn(body, name)).map((name) => [name, body[name]]);
  return decodeResponses(Object.fromEntries(said) as Fields, { ...context, transport: 'http' });
}
