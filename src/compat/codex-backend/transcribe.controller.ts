import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import type { Principal } from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { readForm, type RouteBody } from '../../platform/http/index.js';
import { NativeCalls } from './native-calls.service.js';
import { AUDIO_LIMITS } from '../transcription-form.js';
import { decodeTranscription } from './transcribe.js';

const BODY: RouteBody = { unread: true };

/** `POST /backend-api/transcribe`: speech as a form goes up, its text comes back. */
@Controller('backend-api/transcribe')
export class TranscribeController {
  constructor(
    private readonly calls: NativeCalls,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @HttpCode(200)
  @RouteConfig(BODY)
  async transcribe(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    const payload = request.body instanceof Readable ? request.body : Readable.from([]);
    const form = await readForm(request.headers, payload, { ...AUDIO_LIMITS, idleMs: this.config.BODY_IDLE_MS });
    const boundary = `form-${randomUUID()}`;
    return this.calls.answer({ request, caller, reply }, (received) => decodeTranscription(form, boundary, received));
  }
}
