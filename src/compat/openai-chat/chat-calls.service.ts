import { Injectable } from '@nestjs/common';
import { type Fields, type Principal, type RoutedCall } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { answerShape, finishedResponse } from '../openai-responses/answer-shape.js';
import { StoredResponses } from '../openai-responses/stored-responses.service.js';
import type { Received } from '../received.js';
import { TranslatedCalls } from '../translation/translated-calls.service.js';
import type { Translated } from '../translation/translated.js';
import type { ChatCall } from './chat-shape.js';
import type { Finished } from './completion.js';
import { decodeChat, type ChatRequest } from './decode.js';
import { chatDialect } from './dialect.js';
import { StoredCompletions } from './stored-completions.service.js';

/** A chat request on its way. */
export interface OpenChat {
  readonly request: ChatRequest;
  readonly received: Received;
  readonly call: RoutedCall;
  readonly answer: ChatCall;
}

type Keeping = (finished: Finished) => Promise<void>;

/** Holds nothing of what was said while the answer is under way. */
const KEEPS_NOTHING: Keeping = async () => undefined;

/** Chat completions as calls of the backend, and what their Pool keeps of them. */
@Injectable()
export class ChatCalls {
  constructor(
    private readonly calls: TranslatedCalls,
    private readonly responses: StoredResponses,
    private readonly completions: StoredCompletions,
  ) {}

  /** @throws GatewayError with the field that is wrong; nothing was asked then */
  async open(body: Fields, received: Received, caller: Principal): Promise<OpenChat> {
    const request = decodeChat(body, { pool: caller.pool, headers: received.headers });
    const translated = await this.goneOn(request, caller);
    return {
      request,
      received,
      call: await this.calls.call(translated, chatDialect.name, received, caller),
      answer: {
        ...request.shape,
        callId: received.id,
        receivedAtMs: received.receivedAtMs,
        tellsResponseId: keepsResponse(request, caller),
      },
    };
  }

  run({ call }: OpenChat, caller: Principal, signal: AbortSignal): AsyncIterable<AnswerPart> {
    return this.calls.run(call, caller, signal);
  }

  /** Keeps what the client may come back to, before it knows that the answer is over. Never rejects. */
  keeping(chat: OpenChat, caller: Principal): Keeping {
    const isKept = caller.pool.stored !== undefined && (keepsResponse(chat.request, caller) || chat.request.store);
    return isKept ? (finished) => this.keep(chat, finished, caller) : KEEPS_NOTHING;
  }

  private async keep(chat: OpenChat, { completion, response, accountId }: Finished, caller: Principal): Promise<void> {
    const { request } = chat;
    if (accountId === undefined) return;
    if (keepsResponse(request, caller)) {
      const { own, previousResponseId: previousId } = request;
      const kept = { response: publicResponse(response, chat), input: own, accountId };
      await this.responses.keep({ ...kept, ...(previousId === undefined ? {} : { previousId }) }, caller);
    }
    if (request.store !== true) return;
    const { messages, shape } = request;
    const noted = shape.metadata === undefined ? {} : { metadata: shape.metadata };
    await this.completions.keep({ completion, messages, ...noted, accountId }, caller);
  }

  /** What the request goes on from comes in front of what it says. */
  private async goneOn({ translated, previousResponseId }: ChatRequest, caller: Principal): Promise<Translated> {
    if (previousResponseId === undefined) return translated;
    const { input: before, accountId } = await this.responses.expand(previousResponseId, caller);
    const { wanted } = translated;
    return {
      ...translated,
      wanted: { ...wanted, input: [...before, ...wanted.input] },
      ...(accountId === undefined ? {} : { accountId }),
    };
  }
}

/** Where answers are kept, a chat can be gone on with by the id of its response, unless its client objects. */
const keepsResponse = ({ store }: ChatRequest, { pool }: Principal): boolean =>
  pool.stored !== undefined && store !== false;

function publicResponse(response: Fields, { request, received }: OpenChat): Fields {
  const shape = answerShape({ ...request.translated, namespaces: new Map() }, received, request.previousResponseId);
  const output = response['output'];
  return finishedResponse(response, Array.isArray(output) ? output : [], String(response['status']), shape);
}
