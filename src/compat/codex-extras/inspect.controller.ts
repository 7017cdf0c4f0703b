import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import type { Principal } from '../../core/index.js';
import { LiveStreams } from '../../platform/http/index.js';
import { translatedBody } from '../json-body.js';
import { receivedOf } from '../received.adapter.js';
import { TranslatedCalls } from '../translation/translated-calls.service.js';
import { decodeInspect, inspection } from './inspect.js';

/** `POST /v1/inspect`: a question about pictures, answered in text. */
@Controller('v1/inspect')
export class InspectController {
  constructor(
    private readonly calls: TranslatedCalls,
    private readonly live: LiveStreams,
  ) {}

  @Post()
  @HttpCode(200)
  async inspect(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ readonly content: string }> {
    const question = decodeInspect(translatedBody(request), caller.pool);
    const call = await this.calls.call(question, 'openai', receivedOf(request), caller);
    return inspection(this.calls.run(call, caller, this.live.track(reply)));
  }
}
