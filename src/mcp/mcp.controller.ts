import { Readable } from 'node:stream';
import { Controller, Header, HttpCode, Inject, Options, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../platform/config/index.js';
import { bodyLimits, readBody, type RouteBody } from '../platform/http/index.js';
import { McpDoor } from './mcp-door.service.js';
import { ALLOWED } from './protocol/before-body.js';

const BODY: RouteBody = { unread: true };

/** `/mcp`: one JSON-RPC message in, one out. What comes before the body is `mcpStep`'s. */
@Controller('mcp')
export class McpController {
  constructor(
    private readonly door: McpDoor,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** No web page of another origin is allowed anything: there are no CORS headers. */
  @Options()
  @HttpCode(204)
  @Header('allow', ALLOWED)
  options(): void {}

  @Post()
  @RouteConfig(BODY)
  async post(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | string | undefined> {
    const payload = request.body instanceof Readable ? request.body : Readable.from([]);
    const address = request.ingress?.address;
    const { status, headers, body } = await this.door.answer({
      headers: request.headers,
      body: await readBody(request.headers, payload, bodyLimits(this.config)),
      requestId: request.id,
      nowMs: Date.now(),
      ...(address === undefined ? {} : { address }),
    });
    void reply.code(status).headers(headers);
    return body === '' ? undefined : body;
  }
}
