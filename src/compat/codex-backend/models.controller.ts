import { Controller, Get, Headers, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Caller } from '../../auth/index.js';
import type { Principal } from '../../core/index.js';
import { CatalogService } from '../../upstream/index.js';

/** `GET /backend-api/codex/models`: what the Pool's accounts may use, from memory. Its query is of no interest. */
@Controller(['backend-api/codex/models', 'backend-api/codex/v1/models'])
export class ModelsController {
  constructor(private readonly catalog: CatalogService) {}

  @Get()
  async list(
    @Caller() { pool, allowedModels }: Principal,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const { body, etag } = await this.catalog.models(pool.id, allowedModels);
    void reply.header('etag', etag);
    if (isKnown(etag, known)) {
      void reply.status(304);
      return undefined;
    }
    void reply.header('content-type', 'application/json; charset=utf-8');
    return body;
  }
}

/** `If-None-Match` compares weakly. Source: RFC 9110 §13.1.2. */
const isKnown = (etag: string, known = ''): boolean =>
  known
    .split(',')
    .map((tag) => tag.trim())
    .some((tag) => tag === '*' || tag.replace(/^W\//, '') === etag.replace(/^W\//, ''));
