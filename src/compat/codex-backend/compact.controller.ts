import type { Readable } from 'node:stream';
import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import type { Principal } from '../../core/index.js';
import { jsonBody } from '../json-body.js';
import { compactAnswer, decodeCompact } from './compact.js';
import { NativeCalls } from './native-calls.service.js';

/** `POST /backend-api/codex/responses/compact`: how Codex CLIs up to about 0.135 fold a long conversation. */
@Controller(['backend-api/codex/responses/compact', 'backend-api/codex/v1/responses/compact'])
export class CompactController {
  constructor(private readonly calls: NativeCalls) {}

  @Post()
  @HttpCode(200)
  compact(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    const body = jsonBody(request);
    const decode = (received: Parameters<typeof decodeCompact>[1]) => decodeCompact(body, received, caller.pool);
    return this.calls.answer({ request, reply, caller }, decode, compactAnswer);
  }
}
