import type { Readable } from 'node:stream';
import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import type { Principal } from '../../core/index.js';
import { jsonBody } from '../json-body.js';
import { decodeImage } from './images.js';
import { NativeCalls, type Incoming } from './native-calls.service.js';

/** Pictures as Codex CLIs ask for them: JSON in both directions, also for edits. */
@Controller('backend-api/codex/images')
export class ImagesController {
  constructor(private readonly calls: NativeCalls) {}

  @Post('generations')
  @HttpCode(200)
  generate(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    return this.answer('images_generations', { request, caller, reply });
  }

  @Post('edits')
  @HttpCode(200)
  edit(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    return this.answer('images_edits', { request, caller, reply });
  }

  private answer(operation: Parameters<typeof decodeImage>[0], incoming: Incoming): Promise<Readable> {
    const body = jsonBody(incoming.request);
    return this.calls.answer(incoming, (received) => decodeImage(operation, body, received));
  }
}
