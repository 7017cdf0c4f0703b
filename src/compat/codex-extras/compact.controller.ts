import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import type { Fields, Principal } from '../../core/index.js';
import { LiveStreams } from '../../platform/http/index.js';
import { translatedBody } from '../json-body.js';
import { receivedOf } from '../received.adapter.js';
import { checkpointText } from '../translation/checkpoint.js';
import { TranslatedCalls } from '../translation/translated-calls.service.js';
import { Compactions } from './compactions.service.js';
import { compactedItems, looksAnthropic, looksLikeChat } from './compact.js';

/** Folding a conversation into a text that goes on in its place; one route for each way to write a conversation. */
@Controller()
export class CheckpointController {
  constructor(
    private readonly compactions: Compactions,
    private readonly calls: TranslatedCalls,
    private readonly live: LiveStreams,
  ) {}

  @Post('v1/compact')
  @HttpCode(200)
  async compact(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Fields> {
    const body = translatedBody(request);
    return { checkpoint: await this.checkpoint(body, looksAnthropic(body), { request, caller, reply }) };
  }

  /** The checkpoint is also the text of a message, for clients that read nothing else. */
  @Post('v1/messages/compact')
  @HttpCode(200)
  async compactMessages(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Fields> {
    const body = translatedBody(request);
    const isAnthropic = looksAnthropic(body) || !looksLikeChat(body);
    const checkpoint = await this.checkpoint(body, isAnthropic, { request, caller, reply });
    return { checkpoint, type: 'message', role: 'assistant', content: [{ type: 'text', text: checkpoint }] };
  }

  private async checkpoint(body: Fields, isAnthropic: boolean, { request, caller, reply }: Asked): Promise<string> {
    const received = receivedOf(request);
    const call = isAnthropic
      ? await this.compactions.ofMessages(body, received, caller)
      : await this.compactions.ofChat(body, received, caller);
    return checkpointText(await compactedItems(this.calls.run(call, caller, this.live.track(reply))));
  }
}

interface Asked {
  readonly request: FastifyRequest;
  readonly caller: Principal;
  readonly reply: FastifyReply;
}
