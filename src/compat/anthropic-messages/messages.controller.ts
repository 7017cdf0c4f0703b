import type { Readable } from 'node:stream';
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import type { Fields, Principal } from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { LiveStreams } from '../../platform/http/index.js';
import { translatedBody } from '../json-body.js';
import { receivedOf } from '../received.adapter.js';
import { respondStream } from '../respond-translated.js';
import { TranslatedCalls } from '../translation/translated-calls.service.js';
import { anthropicDialect } from './dialect.js';
import { encodeBody, encodeStream, PING } from './encode.js';
import { MessageRequests } from './message-requests.service.js';

/** `POST /v1/messages`, streaming or not: what Anthropic's SDKs and Claude Code send every model call to. */
@Controller('v1/messages')
export class MessagesController {
  constructor(
    private readonly requests: MessageRequests,
    private readonly calls: TranslatedCalls,
    private readonly live: LiveStreams,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @HttpCode(200)
  async create(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable | Fields> {
    const signal = this.live.track(reply);
    const received = receivedOf(request);
    const { translated, ...asked } = await this.requests.read(translatedBody(request), received, caller);
    const call = await this.calls.call(translated, anthropicDialect.name, received, caller);
    const parts = this.calls.run(call, caller, signal);
    const telling = { ...asked, id: `msg_${received.id.replaceAll('-', '')}` };
    void reply.header('request-id', request.id);
    return translated.stream
      ? respondStream(reply, parts, {
          dialect: anthropicDialect,
          encode: (source) => encodeStream(source, telling),
          keepAlive: { frame: PING, silenceMs: this.config.KEEPALIVE_MS },
        })
      : encodeBody(parts, telling);
  }
}
