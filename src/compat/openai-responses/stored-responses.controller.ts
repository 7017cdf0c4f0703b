import { Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Caller } from '../../auth/index.js';
import { GatewayError, type Fields, type Principal } from '../../core/index.js';
import { EVENT_STREAM_HEADERS } from '../../platform/http/index.js';
import { listQuery, pageOf } from '../list-page.js';
import { inputItems } from './stored-input-items.js';
import { lastSeen, replay } from './stored-replay.js';
import { StoredResponses } from './stored-responses.service.js';

const YES: ReadonlySet<unknown> = new Set(['true', 'True', '1']);

/** `/v1/responses` that were kept. Only in Pools that keep them does any of it exist. */
@Controller('v1/responses/:response_id')
export class StoredResponsesController {
  constructor(private readonly responses: StoredResponses) {}

  @Get()
  async retrieve(
    @Param('response_id') id: string,
    @Query() query: Fields,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Fields | string> {
    const response = await this.responses.find(id, caller);
    if (!YES.has(query['stream'])) return response;
    void reply.headers(EVENT_STREAM_HEADERS);
    return replay(response, lastSeen(query));
  }

  @Delete()
  @HttpCode(204)
  remove(@Param('response_id') id: string, @Caller() caller: Principal): Promise<void> {
    return this.responses.forget(id, caller);
  }

  /** Only what is over is kept. */
  @Post('cancel')
  async cancel(@Param('response_id') id: string, @Caller() caller: Principal): Promise<never> {
    await this.responses.find(id, caller);
    throw new GatewayError('response_not_cancellable', 'Cannot cancel a response that is over.', {
      param: 'response_id',
    });
  }

  @Get('input_items')
  async inputItems(
    @Param('response_id') id: string,
    @Query() query: Fields,
    @Caller() caller: Principal,
  ): Promise<Fields> {
    return pageOf(inputItems(await this.responses.inputOf(id, caller)), listQuery(query));
  }
}
