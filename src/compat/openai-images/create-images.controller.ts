import { Readable } from 'node:stream';
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import type { Principal } from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { LiveStreams, readForm } from '../../platform/http/index.js';
import { translatedBody } from '../json-body.js';
import { receivedOf } from '../received.adapter.js';
import { editInForm, editInJson, editLimits, type Edit } from './given-pictures.js';
import { Pictures } from './pictures.service.js';
import { pictureWish } from './picture-wish.js';

const MULTIPART = /^\s*multipart\//i;
/** What of a form is looked at in one go. */
const CHUNK_BYTES = 64 * 1024;

/** `POST /v1/images/…`: pictures from words, and from words and other pictures. */
@Controller('v1/images')
export class CreateImagesController {
  constructor(
    private readonly pictures: Pictures,
    private readonly live: LiveStreams,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('generations')
  @HttpCode(200)
  generate(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const wish = pictureWish(translatedBody(request));
    return this.pictures.make(wish, undefined, receivedOf(request), caller, this.live.track(reply));
  }

  @Post('edits')
  @HttpCode(200)
  async edit(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const received = receivedOf(request);
    const { given, body } = await this.editIn(request);
    return this.pictures.make(pictureWish(body), given, received, caller, this.live.track(reply));
  }

  /** As a form, or as JSON. Either was read up to the limit that holds for all bodies. */
  private async editIn(request: FastifyRequest): Promise<Edit> {
    const { body, headers } = request;
    if (!MULTIPART.test(headers['content-type'] ?? '')) return editInJson(translatedBody(request));
    const { JSON_LIMIT_BYTES: limitBytes, BODY_IDLE_MS: idleMs } = this.config;
    const payload = Readable.from(chunksOf(Buffer.isBuffer(body) ? body : Buffer.alloc(0)), { objectMode: false });
    return editInForm(await readForm(headers, payload, { ...editLimits(limitBytes), idleMs }));
  }
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
