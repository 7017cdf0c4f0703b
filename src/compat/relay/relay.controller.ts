import { All, Controller, HttpCode, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller, isOneOf } from '../../auth/index.js';
import { GatewayError, type Principal } from '../../core/index.js';
import { ExchangeService, type AnswerPart } from '../../exchange/index.js';
import { LiveStreams } from '../../platform/http/index.js';
import { receivedOf } from '../received.adapter.js';
import { servedV1Routes } from '../routes.js';
import { relayCall } from './relay-call.js';

/** Tells an answer that is the upstream's own, on a path that nobody here knows; also in the words of seed-features P2. */
const RELAYED = { 'x-pooler-relay': 'codex-http', 'x-openai-via-codex-proxy': 'codex-http' };
const NOTHING = Buffer.alloc(0);

/** Everything below `/v1` that no other controller serves: it goes to the upstream as it is, with an account of the Pool. */
@Controller('v1')
export class RelayController {
  constructor(
    private readonly exchange: ExchangeService,
    private readonly live: LiveStreams,
  ) {}

  @All('*')
  @HttpCode(200)
  async relay(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer | undefined> {
    const wanted = relayedIn(request);
    // Nobody knows what such a request asks for, and what is served here does not become another thing.
    if (isRuled(caller) || isOneOf(servedV1Routes, wanted)) throw unsupported();
    const call = relayCall(wanted, receivedOf(request));
    try {
      return await relayed(this.exchange.run(call, caller, this.live.track(reply)), reply);
    } catch (thrown) {
      return failed(GatewayError.from(thrown), reply);
    }
  }
}

/** Whether the key has a say in which models are asked for, and how. */
const isRuled = ({ allowedModels, forcedModel, effort, serviceTier }: Principal): boolean =>
  [allowedModels, forcedModel, effort, serviceTier].some((rule) => rule !== undefined);

const unsupported = (): GatewayError =>
  new GatewayError('unsupported_endpoint', 'This OpenAI endpoint is not supported by this gateway');

function relayedIn({ method, url, body, ingress }: FastifyRequest) {
  const at = url.indexOf('?');
  const query = at === -1 ? '' : (url.slice(at).split('#', 1)[0] ?? '');
  return { method, path: ingress?.path ?? '', query, body: Buffer.isBuffer(body) ? body : NOTHING };
}

/** The whole answer: everything of it is settled before the client has it. */
async function relayed(parts: AsyncIterable<AnswerPart>, reply: FastifyReply): Promise<Buffer | undefined> {
  const bytes: Buffer[] = [];
  for await (const part of parts) {
    if (part.kind === 'head') void reply.status(part.status).headers({ ...part.headers, ...RELAYED });
    else bytes.push(part.raw);
  }
  const whole = Buffer.concat(bytes);
  return whole.length === 0 ? undefined : whole;
}

/** A refusal is an answer like any other. @throws GatewayError when the upstream gave none */
function failed(error: GatewayError, reply: FastifyReply): Buffer {
  const { relay } = error.detail;
  if (!relay) throw error;
  const own = { 'content-type': relay.contentType, 'x-pooler-error-source': 'upstream', ...RELAYED };
  void reply.status(relay.status).headers({ ...relay.headers, ...own });
  return relay.body;
}
