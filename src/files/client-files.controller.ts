import { Readable } from 'node:stream';
import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../auth/index.js';
import { GatewayError, type Principal } from '../core/index.js';
import { CONFIG, type Config } from '../platform/config/index.js';
import { LiveStreams, readForm, type RouteBody } from '../platform/http/index.js';
import { ClientFiles } from './client-files.service.js';
import { fileList, fileObject, filePage } from './file-list.js';
import { receivedOf } from './received.adapter.js';
import { FILE_FORM_LIMITS, sentFile } from './sent-file.js';

const BODY: RouteBody = { unread: true };

/** `/v1/files`: a file goes up as a form, and can be looked at. Its content stays with the provider. */
@Controller('v1/files')
export class ClientFilesController {
  constructor(
    private readonly files: ClientFiles,
    private readonly live: LiveStreams,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @HttpCode(200)
  @RouteConfig(BODY)
  async create(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const received = receivedOf(request, 'openai');
    const payload = request.body instanceof Readable ? request.body : Readable.from([]);
    const form = await readForm(request.headers, payload, { ...FILE_FORM_LIMITS, idleMs: this.config.BODY_IDLE_MS });
    return fileObject(await this.files.upload(sentFile(form), received, caller, this.live.track(reply)));
  }

  @Get()
  async list(@Query() query: unknown, @Caller() caller: Principal): Promise<object> {
    const page = filePage(query);
    return fileList(await this.files.page(page, caller), page);
  }

  @Get(':id')
  async show(@Param('id') fileId: string, @Caller() caller: Principal): Promise<object> {
    return fileObject(await this.files.find(fileId, caller));
  }

  /** SDKs ask for it with `accept: application/binary`; the refusal is JSON all the same. */
  @Get(':id/content')
  async content(@Param('id') fileId: string, @Caller() caller: Principal): Promise<never> {
    await this.files.find(fileId, caller);
    throw unsupported();
  }

  @Delete(':id')
  async remove(@Param('id') fileId: string, @Caller() caller: Principal): Promise<never> {
    await this.files.find(fileId, caller);
    throw unsupported();
  }
}

const unsupported = (): GatewayError =>
  new GatewayError('unsupported_endpoint', 'This OpenAI endpoint is not supported by this gateway');
