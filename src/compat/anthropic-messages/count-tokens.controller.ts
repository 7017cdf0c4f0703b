import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import type { Fields, Principal } from '../../core/index.js';
import { translatedBody } from '../json-body.js';
import { TokenCounter } from '../token-count/token-counter.service.js';
import { countable } from './countable.js';
import { MessageRequests } from './message-requests.service.js';

const DEFAULT_CONTEXT_WINDOW = 200_000;
/** Of the window: where a conversation is folded when the catalog does not say. */
const COMPACT_SHARE = 0.8;

/** `POST /v1/messages/count_tokens`: how clients learn when to fold a conversation. Nothing is asked upstream. */
@Controller('v1/messages/count_tokens')
export class CountTokensController {
  constructor(
    private readonly requests: MessageRequests,
    private readonly counter: TokenCounter,
  ) {}

  @Post()
  @HttpCode(200)
  async count(@Req() request: FastifyRequest, @Caller() caller: Principal): Promise<Fields> {
    const { translated, facts } = await this.requests.read(translatedBody(request), request, caller);
    const { texts, tokens } = countable(translated.wanted);
    const window = facts.contextWindow ?? DEFAULT_CONTEXT_WINDOW;
    return {
      input_tokens: tokens + (await this.counter.count(texts)),
      context_window: window,
      auto_compact_token_limit: facts.compactAt ?? Math.floor(window * COMPACT_SHARE),
    };
  }
}
