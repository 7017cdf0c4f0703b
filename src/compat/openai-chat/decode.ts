import type { IncomingHttpHeaders } from 'node:http';
import { asFields, asText, type Fields, type PoolPolicy } from '../../core/index.js';
import { requireShallow } from '../translation/nesting.js';
import { invalid } from '../translation/checks/invalid.js';
import { effortOf, reasoningOf } from '../translation/checks/reasoning.js';
import { checkedText } from '../translation/checks/text-format.js';
import { checkedToolChoice } from '../translation/checks/tool-choice.js';
import { checkedTools } from '../translation/checks/tools.js';
import { modelName } from '../translation/model-name.js';
import type { WantedResponse } from '../translation/responses-body.js';
import { subagentHeaders } from '../translation/subagent-headers.js';
import type { Translated } from '../translation/translated.js';
import type { ChatShape } from './chat-shape.js';
import { chatTools, type ChatTools } from './chat-tools.js';
import { conversationOf } from './conversation.js';
import { requireHonourable, requireKnown, withoutNulls } from './known-fields.js';
import { chatText } from './response-format.js';
import { decodePayload, isResponsesPayload } from './responses-payload.js';
import { requireScalars, shapeOf } from './scalars.js';

/** What a chat request is read with, beside its body. */
export interface ChatContext {
  readonly pool: Pick<PoolPolicy, 'defaultModel'>;
  readonly headers: IncomingHttpHeaders;
}

/** A chat request as it was understood. */
export interface ChatRequest {
  readonly translated: Translated;
  readonly shape: ChatShape;
  /** As the client sent them. */
  readonly messages: readonly unknown[];
  /** Its own items, in the form in which they can be sent again. */
  readonly own: readonly unknown[];
  /** What the client says of keeping the completion; absent: nothing. */
  readonly store?: boolean;
  /** The response whose conversation the request goes on with; nothing of that is in `translated`. */
  readonly previousResponseId?: string;
}

/**
 * A `/v1/chat/completions` request in the backend's terms.
 *
 * @throws GatewayError with the field that is wrong
 */
export function decodeChat(given: Fields, context: ChatContext): ChatRequest {
  const body = withoutNulls(given);
  return isResponsesPayload(body) ? payloadRequest(body, context) : chatRequest(body, context);
}

function chatRequest(body: Fields, context: ChatContext): ChatRequest {
  requireKnown(body);
  requireShallow(body);
  const model = modelName(body['model'], context.pool);
  const messages = messagesIn(body);
  const { input, instructions } = conversationOf(messages);
  const tools = chatTools(body);
  const fields = { ...toolFields(tools), ...wordFields(body), ...scalarFields(body, tools) };
  const wanted = { model, input, ...(instructions === undefined ? {} : { instructions }), fields };
  const headers = subagentHeaders(body, context.headers);
  return { ...answered(body, wanted, tools), translated: { wanted, stream: streams(body), headers }, own: input };
}

function payloadRequest(body: Fields, context: ChatContext): ChatRequest {
  requireHonourable(body);
  requireShallow(body);
  requireScalars(body);
  const tools = chatTools(body);
  const { own, ...translated } = decodePayload(
    {
      ...body,
      ...wordFields(body),
      ...(tools.tools === undefined ? {} : { tools: tools.tools }),
      ...(tools.toolChoice === undefined ? {} : { tool_choice: tools.toolChoice }),
    },
    context,
  );
  return {
    ...answered(body, translated.wanted, tools),
    translated: { ...translated, stream: streams(body) },
    own,
  };
}

const streams = ({ stream }: Fields): boolean => stream === true;

/** What is between the client and us. */
function answered(body: Fields, { model }: WantedResponse, { legacyFunctions }: ChatTools) {
  const { store, messages } = body;
  const previous = asText(body['previous_response_id']);
  return {
    shape: shapeOf(body, model, legacyFunctions),
    messages: Array.isArray(messages) ? (messages as unknown[]) : [],
    ...(typeof store === 'boolean' ? { store } : {}),
    ...(previous === undefined ? {} : { previousResponseId: previous }),
  };
}

function messagesIn({ messages }: Fields): readonly unknown[] {
  if (Array.isArray(messages) && messages.length > 0) return messages as unknown[];
  throw invalid('messages', 'messages must be a non-empty list');
}

function toolFields({ tools: given, toolChoice: choice }: ChatTools): Fields {
  const { tools, declared } = checkedTools(given, { repairs: false });
  const toolChoice = checkedToolChoice(choice, declared);
  return {
    ...(tools.length === 0 ? {} : { tools }),
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
  };
}

/** `reasoning` and `text` are the backend's own words and win over chat's. */
function wordFields(body: Fields): Fields {
  const text = checkedText(chatText(body));
  const effort = effortOf(body['reasoning_effort'], 'reasoning_effort');
  const reasoning = told({ ...(effort === undefined ? {} : { effort }), ...reasoningOf(body['reasoning']) });
  return {
    ...(text === undefined ? {} : { text }),
    ...(Object.keys(reasoning).length === 0 ? {} : { reasoning }),
  };
}

/** Who asks for reasoning gets to read of it, as `reasoning_content`: the backend only sums it up when it is told to. */
const told = (reasoning: Fields): Fields =>
  reasoning['effort'] === undefined || reasoning['effort'] === 'none' ? reasoning : { summary: 'auto', ...reasoning };

const AS_GIVEN = [
  'client_metadata',
  'moderation',
  'parallel_tool_calls',
  'service_tier',
  'temperature',
  'top_p',
] as const;

/** A client that only knows functions can be told of one call at a time. */
function scalarFields(body: Fields, { legacyFunctions }: ChatTools): Fields {
  requireScalars(body);
  const cacheKey = asText(body['prompt_cache_key']) ?? asText(asFields(body['client_metadata'])?.['session_id']);
  const most = body['max_completion_tokens'] ?? body['max_tokens'];
  return {
    ...(most === undefined ? {} : { max_output_tokens: most }),
    ...(legacyFunctions ? { parallel_tool_calls: false } : {}),
    ...Object.fromEntries(AS_GIVEN.filter((name) => Object.hasOwn(body, name)).map((name) => [name, body[name]])),
    ...(cacheKey === undefined ? {} : { prompt_cache_key: cacheKey }),
  };
}
