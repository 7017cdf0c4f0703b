import type { Readable } from 'node:stream';
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import type { Fields, Principal } from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { LiveStreams } from '../../platform/http/index.js';
import { jsonBody } from '../json-body.js';
import { receivedOf } from '../received.adapter.js';
import { respondStream } from '../respond-translated.js';
import { ChatCalls } from './chat-calls.service.js';
import { chatDialect } from './dialect.js';
import { encodeBody } from './encode-body.js';
import { encodeStream } from './encode-stream.js';

/** SDKs take every data line for a chunk, so that silence is broken by a comment. */
const KEEP_ALIVE = ': keep-alive\n\n';

/** `POST /v1/chat/completions`, streaming or not, also where Codex clients look for it. */
@Controller(['v1/chat/completions', 'backend-api/codex/v1/chat/completions'])
export class ChatController {
  constructor(
    private readonly chats: ChatCalls,
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
    const chat = await this.chats.open(jsonBody(request).object, receivedOf(request), caller);
    const parts = this.chats.run(chat, caller, signal);
    const { answer } = chat;
    const finished = this.chats.keeping(chat, caller);
    if (!chat.request.translated.stream) return encodeBody(parts, answer, finished);
    return respondStream(reply, parts, {
      dialect: chatDialect,
      encode: (source) => encodeStream(source, answer, finished),
      keepAlive: { frame: KEEP_ALIVE, silenceMs: this.config.KEEPALIVE_MS },
    });
  }
}
