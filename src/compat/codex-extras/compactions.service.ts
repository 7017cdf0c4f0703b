import { Injectable } from '@nestjs/common';
import type { Fields, Principal, RoutedCall } from '../../core/index.js';
import { anthropicDialect } from '../anthropic-messages/dialect.js';
import { MessageRequests } from '../anthropic-messages/message-requests.service.js';
import { askedModel } from '../anthropic-messages/served-model.js';
import type { Received } from '../received.js';
import { TranslatedCalls } from '../translation/translated-calls.service.js';
import { chatHistory, chatReasoning, compactCall } from './compact.js';

/** When neither Pool nor catalog has any. */
const INSTRUCTIONS = 'You are a helpful assistant.';

/** Conversations of either protocol as calls that fold them. */
@Injectable()
export class Compactions {
  constructor(
    private readonly requests: MessageRequests,
    private readonly calls: TranslatedCalls,
  ) {}

  /** @throws GatewayError with the field that is wrong */
  async ofMessages(body: Fields, received: Received, caller: Principal): Promise<RoutedCall> {
    const { translated, facts } = await this.requests.read(body, received, caller);
    const { wanted, session, accountId } = translated;
    const folding = {
      model: wanted.model,
      input: [...systemIn(wanted.instructions), ...wanted.input],
      instructions: caller.pool.defaultInstructions ?? facts.baseInstructions ?? INSTRUCTIONS,
      reasoning: effortIn(wanted.fields),
      session,
      accountId,
    };
    return compactCall(folding, body, anthropicDialect.name, received);
  }

  /** @throws GatewayError with the field that is wrong */
  async ofChat(body: Fields, received: Received, caller: Principal): Promise<RoutedCall> {
    const model = askedModel(body['model'], caller);
    const [input, reasoning] = [chatHistory(body), chatReasoning(body)];
    const { baseInstructions } = await this.calls.facts(model, caller);
    const instructions = caller.pool.defaultInstructions ?? baseInstructions ?? INSTRUCTIONS;
    return compactCall({ model, input, instructions, reasoning }, body, 'openai', received);
  }
}

/** The system prompt is part of what is folded: nothing else would keep it. */
const systemIn = (text = ''): readonly Fields[] =>
  text === '' ? [] : [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }];

function effortIn({ reasoning }: Fields): Fields | undefined {
  const { effort } = (reasoning ?? {}) as { readonly effort?: unknown };
  return effort === undefined ? undefined : { effort };
}
