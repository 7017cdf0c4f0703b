import type { Readable } from 'node:stream';
import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import { GatewayError, type Fields, type Principal } from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { LiveStreams } from '../../platform/http/index.js';
import { jsonBody } from '../json-body.js';
import { receivedOf } from '../received.adapter.js';
import { respondStream } from '../respond-translated.js';
import { compactedResponse } from './compact.js';
import { responsesDialect } from './dialect.js';
import { encodeBody } from './encode-body.js';
import { encodeStream, KEEP_ALIVE } from './encode-stream.js';
import { PublicResponses } from './public-responses.service.js';

/** `POST /v1/responses`, streaming or not, and what belongs to it. */
@Controller('v1/responses')
export class PublicResponsesController {
  constructor(
    private readonly responses: PublicResponses,
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
    const asked = await this.responses.ask(jsonBody(request).object, receivedOf(request), caller);
    const { call, shape, finished } = asked;
    const parts = this.responses.run(call, caller, signal);
    if (!asked.stream) return encodeBody(parts, shape, finished);
    return respondStream(reply, parts, {
      dialect: responsesDialect,
      encode: (answer) => encodeStream(answer, shape, finished),
      keepAlive: { frame: KEEP_ALIVE, silenceMs: this.config.KEEPALIVE_MS },
    });
  }

  /** A websocket is opened here; whoever asks for something else is told so. */
  @Get()
  upgrade(): never {
    throw new GatewayError('websocket_upgrade_required', 'POST a request here, or open a websocket.');
  }

  /** The conversation so far, folded into what a next request can begin with. */
  @Post('compact')
  @HttpCode(200)
  async compact(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Fields> {
    const signal = this.live.track(reply);
    const received = receivedOf(request);
    const call = await this.responses.askToCompact(jsonBody(request).object, received, caller);
    return compactedResponse(this.responses.run(call, caller, signal), received);
  }

  /** An estimate: nobody is asked, and nothing is kept. */
  @Post('input_tokens')
  @HttpCode(200)
  async countInputTokens(@Req() request: FastifyRequest, @Caller() caller: Principal): Promise<Fields> {
    const tokens = await this.responses.countTokens(jsonBody(request).object, caller);
    return { object: 'response.input_tokens', input_tokens: tokens };
  }
}
