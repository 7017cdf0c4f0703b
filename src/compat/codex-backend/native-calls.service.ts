import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal, RoutedCall } from '../../core/index.js';
import { ExchangeService } from '../../exchange/index.js';
import { LiveStreams } from '../../platform/http/index.js';
import { respond, type Encoding } from '../respond.js';
import { receivedOf } from '../received.adapter.js';
import type { Received } from '../received.js';
import { codexDialect } from './dialect.js';
import { encode } from './encode-stream.js';
import { PoolReport } from './pool-report.service.js';

/** A native request on its way in. */
export interface Incoming {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly caller: Principal;
}

/** Native requests that get one whole answer: its status, its bytes. */
@Injectable()
export class NativeCalls {
  constructor(
    private readonly exchange: ExchangeService,
    private readonly live: LiveStreams,
    private readonly report: PoolReport,
  ) {}

  /** @param checked lets an answer through, or throws what it is instead; absent: every answer is one */
  answer(
    { request, reply, caller }: Incoming,
    decode: (received: Received) => RoutedCall,
    checked: Encoding['encode'] = encode,
  ): Promise<Readable> {
    const call = decode(receivedOf(request));
    return respond(reply, this.exchange.run(call, caller, this.live.track(reply)), {
      dialect: codexDialect,
      encode: checked,
      headers: this.report.headers(caller),
    });
  }
}
