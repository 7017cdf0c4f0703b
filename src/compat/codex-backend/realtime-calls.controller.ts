import type { Readable } from 'node:stream';
import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import type { Principal } from '../../core/index.js';
import type { RouteBody } from '../../platform/http/index.js';
import { NativeCalls } from './native-calls.service.js';
import { decodeRealtimeCall } from './realtime-calls.js';

const BODY: RouteBody = { limitBytes: 1024 * 1024 };
const NOTHING = Buffer.alloc(0);

/** `POST /backend-api/codex/realtime/calls`: an SDP offer goes up, the answer comes back. The media go past us. */
@Controller('backend-api/codex/realtime/calls')
export class RealtimeCallsController {
  constructor(private readonly calls: NativeCalls) {}

  @Post()
  @HttpCode(200)
  @RouteConfig(BODY)
  create(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    const bytes = Buffer.isBuffer(request.body) ? request.body : NOTHING;
    return this.calls.answer({ request, caller, reply }, (received) => decodeRealtimeCall(bytes, received));
  }
}
