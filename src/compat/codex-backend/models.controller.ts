import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Caller } from '../../auth/index.js';
import type { Principal } from '../../core/index.js';
import { CatalogService } from '../../upstream/index.js';

/** `GET /backend-api/codex/models`: what the Pool's accounts may use, from memory. Its query is of no interest. */
@Controller(['backend-api/codex/models', 'backend-api/codex/v1/models'])
export class ModelsController {
  constructor(private readonly catalog: CatalogService) {}

  @Get()
  async list(@Caller() caller: Principal, @Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const { entries, etag } = await this.catalog.models(caller.pool.id);
    void reply.header('etag', etag);
    return { models: entries.map(({ entry }) => entry) };
  }
}
