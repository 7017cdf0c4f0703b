import {
  asFields,
  asFieldsList,
  CallBody,
  GatewayError,
  type AccountId,
  type Fields,
  type RoutedCall,
} from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { fileReferences } from '../codex-backend/file-references.js';
import { conversationOf as chatConversationOf } from '../openai-chat/conversation.js';
import type { Received } from '../received.js';
import { sessionOf } from '../session-name.js';
import { checkpointItems } from '../translation/checkpoint.js';
import { effortOf } from '../translation/checks/reasoning.js';
import { invalid } from '../translation/checks/invalid.js';
import type { WantedResponse } from '../translation/responses-body.js';
import { accountFor, goesOnFrom } from '../translation/sealed-items.js';
import { subagentHeaders } from '../translation/subagent-headers.js';

/** What only Messages requests have. `tool_choice` is also chat's, there in other forms. */
const ANTHROPIC = ['system', 'thinking', 'stop_sequences'] as const;
const CHAT_ROLES: ReadonlySet<unknown> = new Set(['developer', 'tool', 'function']);
const SYSTEM_ROLES: ReadonlySet<unknown> = new Set(['system', 'developer']);

export const looksAnthropic = (body: Fields): boolean => ANTHROPIC.some((name) => Object.hasOwn(body, name));

export const looksLikeChat = ({ messages }: Fields): boolean =>
  asFieldsList(messages).some(({ role, tool_calls: calls }) => CHAT_ROLES.has(role) || calls !== undefined);

/**
 * The conversation of a chat request. What its system messages say is part of it: nothing else would keep that.
 *
 * @throws GatewayError `invalid_request`
 */
export function chatHistory({ messages }: Fields): readonly Fields[] {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalid('messages', 'messages must be a non-empty list');
  }
  return chatConversationOf(messages.map(asUser)).input;
}

function asUser(message: unknown): unknown {
  const fields = asFields(message);
  if (!SYSTEM_ROLES.has(fields?.['role'])) return message;
  const { content } = fields ?? {};
  const isCheckpoint = typeof content === 'string' && checkpointItems(content) !== undefined;
  return isCheckpoint ? message : { ...fields, role: 'user' };
}

/** `reasoning_effort` of a chat request, as the backend's reasoning. @throws GatewayError `invalid_request` */
export function chatReasoning(body: Fields): Fields | undefined {
  const effort = effortOf(body['reasoning_effort'], 'reasoning_effort');
  return effort === undefined ? undefined : { effort };
}

/** What is folded, and how. */
export interface Folding extends Pick<WantedResponse, 'model' | 'input'> {
  readonly instructions: string;
  readonly reasoning?: Fields | undefined;
  readonly session?: string | undefined;
  /** Who made what is folded. */
  readonly accountId?: AccountId | undefined;
}

/**
 * The call that folds a conversation: JSON in and out, nothing to stream or to store.
 *
 * @param dialect the client's protocol
 * @throws GatewayError `invalid_request`
 */
export function compactCall(folding: Folding, body: Fields, dialect: string, received: Received): RoutedCall {
  const { model, input, instructions, reasoning, accountId } = folding;
  const session = folding.session ?? sessionOf(received.headers);
  const files = fileReferences(input);
  const wanted = { model, instructions, input, tools: [], parallel_tool_calls: false, reasoning };
  return {
    id: received.id,
    requestId: received.requestId,
    receivedAtMs: received.receivedAtMs,
    dialect,
    operation: 'compact',
    transport: received.transport,
    route: received.route,
    model,
    stream: false,
    headers: subagentHeaders(body, received.headers),
    body: new CallBody(Buffer.from(JSON.stringify(wanted))),
    ...(session === undefined ? {} : { session }),
    ...(files.length === 0 ? {} : { files }),
    ...goesOnFrom(input),
    ...(accountId === undefined ? {} : { account: accountFor(accountId, input) }),
  };
}

/**
 * The items that a conversation was folded into.
 *
 * @throws GatewayError `invalid_compaction_response`
 */
export async function compactedItems(parts: AsyncIterable<AnswerPart>): Promise<readonly unknown[]> {
  let answer: Fields | undefined;
  for await (const part of parts) if (part.kind === 'batch') answer ??= asFields(part.events[0]?.json());
  const output = answer?.['output'];
  if (Array.isArray(output) && asFieldsList(output).length > 0) return output as unknown[];
  throw new GatewayError('invalid_compaction_response', 'The upstream answered the compaction without its result.');
}
