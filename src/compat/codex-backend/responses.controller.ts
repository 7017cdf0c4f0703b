import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../../auth/index.js';
import { GatewayError, type CallId, type Principal } from '../../core/index.js';
import { ExchangeService } from '../../exchange/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { LiveStreams } from '../../platform/http/index.js';
import { CatalogService } from '../../upstream/index.js';
import { jsonBody } from '../json-body.js';
import { respond, type Encoding } from '../respond.js';
import { decode } from './decode.js';
import { codexDialect } from './dialect.js';
import { encode } from './encode-stream.js';

/** Comments and blank lines do not reset Codex's idle timer, any data line does. Source: codex-cli-wire §4.1. */
const KEEP_ALIVE = 'data: {"type":"keepalive"}\n\n';

/** `POST /backend-api/codex/responses`, streaming or not: what Codex CLIs send every model call to. */
@Controller(['backend-api/codex/responses', 'backend-api/codex/v1/responses'])
export class ResponsesController {
  constructor(
    private readonly exchange: ExchangeService,
    private readonly live: LiveStreams,
    private readonly catalog: CatalogService,
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
    const call = decode(
      object,
      bytes,
      {
        id: randomUUID() as CallId,
        requestId: request.id,
        receivedAtMs: Date.now(),
        route: request.routeOptions.url ?? '',
        headers: request.headers,
      },
      caller.pool,
    );
    return respond(reply, this.exchange.run(call, caller, this.live.track(reply)), {
      dialect: codexDialect,
      encode,
      ...(call.stream ? this.streaming(caller) : {}),
    });
  }

  /** Where a CLI looks for a websocket. A 426 sends it on over HTTP at once and silently. Source: codex-cli-wire §5. */
  @Get()
  upgrade(@Req() { headers }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): never {
    if (headers.upgrade?.toLowerCase() !== 'websocket') {
      throw new GatewayError('websocket_upgrade_required', 'POST a request here, or open a websocket.');
    }
    void reply.header('upgrade', 'websocket');
    throw new GatewayError('websocket_unavailable', 'Websockets are not served here: use HTTP.');
  }

  private streaming({ pool }: Principal): Pick<Encoding, 'headers' | 'keepAlive'> {
    // A CLI that sees a tag it does not know asks for the models again. Without one it keeps what it has.
    const headers = this.catalog.models(pool.id).then(
      ({ etag }) => ({ 'x-models-etag': etag }),
      () => ({}),
    );
    return { headers, keepAlive: { frame: KEEP_ALIVE, silenceMs: this.config.KEEPALIVE_MS } };
  }
}
