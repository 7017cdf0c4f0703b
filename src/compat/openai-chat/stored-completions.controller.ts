import { Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import { GatewayError, type Fields, type Principal } from '../../core/index.js';
import { jsonBody } from '../json-body.js';
import { listBody, listQuery, pageOf } from '../list-page.js';
import { StoredCompletions } from './stored-completions.service.js';
import { newMetadata, storedMessages } from './stored-messages.js';
import { completionQuery } from './stored-query.js';

/** `/v1/chat/completions` that were kept. Only in Pools that keep them does any of it exist. */
@Controller('v1/chat/completions')
export class StoredCompletionsController {
  constructor(private readonly completions: StoredCompletions) {}

  @Get()
  async list(@Query() query: Fields, @Caller() caller: Principal): Promise<Fields> {
    const { data, hasMore } = await this.completions.list(completionQuery(query), caller);
    return listBody(data, hasMore);
  }

  @Get(':completion_id')
  retrieve(@Param('completion_id') id: string, @Caller() caller: Principal): Promise<Fields> {
    return this.completions.find(id, caller);
  }

  @Post(':completion_id')
  @HttpCode(200)
  update(
    @Param('completion_id') id: string,
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
  ): Promise<Fields> {
    const metadata = newMetadata(jsonBody(request).object);
    if (metadata === undefined) {
      throw new GatewayError('invalid_request', 'metadata must be an object', { param: 'metadata' });
    }
    return this.completions.describe(id, metadata, caller);
  }

  @Delete(':completion_id')
  async remove(@Param('completion_id') id: string, @Caller() caller: Principal): Promise<Fields> {
    await this.completions.forget(id, caller);
    return { id, object: 'chat.completion.deleted', deleted: true };
  }

  @Get(':completion_id/messages')
  async messages(
    @Param('completion_id') id: string,
    @Query() query: Fields,
    @Caller() caller: Principal,
  ): Promise<Fields> {
    return pageOf(storedMessages(await this.completions.find(id, caller)), listQuery(query));
  }
}
