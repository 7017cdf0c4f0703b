import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import type { Principal } from '../../core/index.js';
import { ExchangeService } from '../../exchange/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { LiveStreams, readForm, type RouteBody } from '../../platform/http/index.js';
import { receivedOf } from '../received.adapter.js';
import { AUDIO_LIMITS } from '../transcription-form.js';
import { decodeTranscription } from './decode.js';
import { transcribedText } from './transcribed-text.js';

const BODY: RouteBody = { unread: true };

/** `POST /v1/audio/transcriptions`: speech as a form goes up, its text comes back. */
@Controller('v1/audio/transcriptions')
export class TranscriptionsController {
  constructor(
    private readonly exchange: ExchangeService,
    private readonly live: LiveStreams,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @HttpCode(200)
  @RouteConfig(BODY)
  async transcribe(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | string> {
    const received = receivedOf(request);
    const payload = request.body instanceof Readable ? request.body : Readable.from([]);
    const form = await readForm(request.headers, payload, { ...AUDIO_LIMITS, idleMs: this.config.BODY_IDLE_MS });
    const { call, format } = decodeTranscription(form, `form-${randomUUID()}`, received);
    const text = await transcribedText(this.exchange.run(call, caller, this.live.track(reply)));
    if (format === 'json') return { text };
    void reply.header('content-type', 'text/plain; charset=utf-8');
    return text;
  }
}
