import { randomBytes } from 'node:crypto';
import type { AccountId, PoolId } from '../../src/core/index.js';
import type { AnswerHead, AnswerPart } from '../../src/exchange/index.js';
import { anthropicDialect } from '../../src/compat/anthropic-messages/dialect.js';
import * as anthropic from '../../src/compat/anthropic-messages/encode.js';
import type { Telling } from '../../src/compat/anthropic-messages/message-events.js';
import { SealedThinking } from '../../src/compat/anthropic-messages/sealed-thinking.js';
import { ToolNames } from '../../src/compat/anthropic-messages/tool-names.js';
import { codexDialect } from '../../src/compat/codex-backend/dialect.js';
import { encode } from '../../src/compat/codex-backend/encode-stream.js';
import type { ChatCall } from '../../src/compat/openai-chat/chat-shape.js';
import { chatDialect } from '../../src/compat/openai-chat/dialect.js';
import * as chatBody from '../../src/compat/openai-chat/encode-body.js';
import * as chatStream from '../../src/compat/openai-chat/encode-stream.js';
import type { AnswerShape } from '../../src/compat/openai-responses/answer-shape.js';
import { responsesDialect } from '../../src/compat/openai-responses/dialect.js';
import * as responsesBody from '../../src/compat/openai-responses/encode-body.js';
import * as responsesStream from '../../src/compat/openai-responses/encode-stream.js';
import type { Dialect, Fields } from '../../src/core/index.js';
import { parseKeyRing, SecretBox } from '../../src/platform/crypto/index.js';

type Parts = AsyncIterable<AnswerPart>;

/** One client protocol's way of telling an answer. */
export interface Lane {
  readonly dialect: Dialect;
  readonly stream: (parts: Parts) => AsyncIterable<Buffer | string>;
  /** Absent for the native protocol, whose answers are relayed. */
  readonly body?: (parts: Parts) => Promise<Fields>;
  /** What a client takes for a proper end, and for a failure. */
  readonly finished: RegExp;
  readonly failed: RegExp;
}

const CHAT: ChatCall = {
  model: 'gpt-5.5',
  choices: 1,
  stops: [],
  includesUsage: true,
  legacyFunctions: false,
  callId: 'call-1',
  receivedAtMs: 1_790_000_000_000,
  tellsResponseId: false,
};
const SHAPE: AnswerShape = {
  responseId: 'resp_ours',
  model: 'gpt-5.5',
  createdAt: 1_790_000_000,
  asked: {},
  namespaces: new Map(),
};
const box = new SecretBox(parseKeyRing(`v1:${randomBytes(32).toString('base64')}`));
const TELLING: Telling = {
  id: 'msg_1',
  model: 'claude-sonnet-4-6',
  names: new ToolNames(),
  stopSequences: [],
  wantsThinking: true,
  thinking: new SealedThinking(box, 'pool-1' as PoolId),
};

const nothing = (): Promise<void> => Promise.resolve();
const NATIVE_HEAD: AnswerHead = {
  kind: 'head',
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  accountId: 'account-1' as AccountId,
};

/** Every protocol in which an answer is told as a stream. */
export const LANES: readonly Lane[] = [
  {
    dialect: codexDialect,
    stream: (parts) => encode(parts, NATIVE_HEAD),
    finished: /^event: response\.(?:completed|incomplete|done)$/m,
    failed: /^event: response\.failed$/m,
  },
  {
    dialect: responsesDialect,
    stream: (parts) => responsesStream.encodeStream(parts, SHAPE, nothing),
    body: (parts) => responsesBody.encodeBody(parts, SHAPE, nothing),
    finished: /^event: response\.(?:completed|incomplete|done)$/m,
    failed: /^event: response\.failed$/m,
  },
  {
    dialect: chatDialect,
    stream: (parts) => chatStream.encodeStream(parts, CHAT, nothing),
    body: (parts) => chatBody.encodeBody(parts, CHAT, nothing),
    finished: /"finish_reason":"/,
    failed: /^data: \{"error":/m,
  },
  {
    dialect: anthropicDialect,
    stream: (parts) => anthropic.encodeStream(parts, TELLING),
    body: (parts) => anthropic.encodeBody(parts, TELLING),
    finished: /^event: message_stop$/m,
    failed: /^event: error$/m,
  },
];
