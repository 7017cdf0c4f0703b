import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import type { Fields, Principal } from '../../core/index.js';
import {
  codexFolder,
  codexSettings,
  CONFIG,
  contextOf,
  type CodexSettings,
  type Config,
} from '../../platform/config/index.js';
import { translatedBody } from '../json-body.js';
import { TokenCounter } from '../token-count/token-counter.service.js';
import { countable } from './countable.js';
import { MessageRequests } from './message-requests.service.js';

/** `POST /v1/messages/count_tokens`: how clients learn when to fold a conversation. Nothing is asked upstream. */
@Controller('v1/messages/count_tokens')
export class CountTokensController {
  constructor(
    private readonly requests: MessageRequests,
    private readonly counter: TokenCounter,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @HttpCode(200)
  async count(@Req() request: FastifyRequest, @Caller() caller: Principal): Promise<Fields> {
    const { translated, facts } = await this.requests.read(translatedBody(request), request, caller);
    const { texts, tokens } = countable(translated.wanted);
    const listed = { context_window: facts.contextWindow, auto_compact_token_limit: facts.compactAt };
    const { contextWindow, compactAt } = contextOf(await this.settings(), listed);
    return {
      input_tokens: tokens + (await this.counter.count(texts)),
      context_window: contextWindow,
      auto_compact_token_limit: compactAt,
    };
  }

  /** Only in local mode are the settings on this machine the caller's. */
  private async settings(): Promise<CodexSettings> {
    const { MODE, CODEX_HOME } = this.config;
    return MODE === 'local' ? codexSettings(codexFolder(CODEX_HOME)) : {};
  }
}
