import type { Readable } from 'node:stream';
import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import { GatewayError, newCallId, type Principal, type RoutedCall } from '../../core/index.js';
import { ExchangeService } from '../../exchange/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { LiveStreams } from '../../platform/http/index.js';
import { jsonBody } from '../json-body.js';
import { receivedOf } from '../received.adapter.js';
import { respond, type Encoding } from '../respond.js';
import { onceMore } from '../translation/once-more.js';
import { decode } from './decode.js';
import { codexDialect } from './dialect.js';
import { encodeCompaction } from './encode-compaction.js';
import { encode } from './encode-stream.js';
import { PoolReport } from './pool-report.service.js';

/** Comments and blank lines do not reset Codex's idle timer, any data line does. Source: codex-cli-wire §4.1. */
const KEEP_ALIVE = 'data: {"type":"keepalive"}\n\n';

/** `POST /backend-api/codex/responses`, streaming or not: what Codex CLIs send every model call to. */
@Controller(['backend-api/codex/responses', 'backend-api/codex/v1/responses'])
export class ResponsesController {
  constructor(
    private readonly exchange: ExchangeService,
    private readonly live: LiveStreams,
    private readonly report: PoolReport,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @HttpCode(200)
  create(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    const { bytes, object } = jsonBody(request);
    const call = decode(object, bytes, receivedOf(request), caller.pool);
    const signal = this.live.track(reply);
    const answer = onceMore(
      call,
      (given) => this.exchange.run(given, caller, signal),
      () => newCallId(Date.now()),
    );
    const parts = this.report.parts(answer, caller);
    return respond(reply, parts, {
      dialect: codexDialect,
      encode: call.operation === 'compaction' ? encodeCompaction : encode,
      ...(call.stream ? this.keptAlive() : {}),
      headers: streamsTurn(call) ? this.report.streamHeaders(caller) : this.report.headers(caller),
    });
  }

  /** A websocket is opened here; whoever asks for one is not answered by this. */
  @Get()
  upgrade(): never {
    throw new GatewayError('websocket_upgrade_required', 'POST a request here, or open a websocket.');
  }

  private keptAlive(): Pick<Encoding, 'keepAlive'> {
    return { keepAlive: { frame: KEEP_ALIVE, silenceMs: this.config.KEEPALIVE_MS } };
  }
}

const streamsTurn = ({ stream, operation }: RoutedCall): boolean => stream && operation === 'responses';
