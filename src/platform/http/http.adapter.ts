import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError, type Dialect } from '../../core/index.js';
import type { Config } from '../config/index.js';
import { bodyLimits, readBody, type BodyLimits } from './body.js';
import { answerClientError } from './client-error.js';
import { closeConnections } from './closing.js';
import { answerEarly } from './early-answer.js';
import { ERROR_SOURCE } from './gateway-error.filter.js';
import { plainEnvelope } from './plain-envelope.js';
import { requestIdOf } from './request-id.js';

/** What a route wants of its body, in its configuration; without that it is read whole, up to the JSON limit. */
export interface RouteBody {
  /** `request.body` is the payload itself, not read yet: the controller reads it as it comes in. */
  readonly unread?: true;
  /** A lower limit; what is larger is `request_too_large`. */
  readonly limitBytes?: number;
}

/** Who words the refusal of a target that cannot be read; absent: the plain envelope. */
type DialectOf = (target: string) => Dialect | undefined;

const MAX_HEADER_BYTES = 64 * 1024;
/** Longer than a load balancer keeps its side (60 s is common), so that it never reuses what we are closing. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Fastify as a gateway needs it: bodies arrive as the client's own bytes whatever their type, nothing is logged, no
 * request has a total timeout, and what is not even HTTP gets an answer. The application must be created with
 * `{ bodyParser: false }`, or Nest's parsers take the place of ours.
 *
 * @param dialectOf for targets whose path cannot be decoded
 */
export function createHttpAdapter(
  config: Config,
  limits: BodyLimits = bodyLimits(config),
  dialectOf: DialectOf = () => undefined,
): FastifyAdapter {
  const adapter = new FastifyAdapter({
    logger: false,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    bodyLimit: config.JSON_LIMIT_BYTES,
    forceCloseConnections: 'idle',
    trustProxy: false,
    genReqId: ({ headers }: IncomingMessage) => requestIdOf(headers['x-request-id'], randomUUID()),
    clientErrorHandler: answerClientError,
    frameworkErrors: (_: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      answerBadTarget(request, reply, dialectOf),
  });
  const fastify: FastifyInstance = adapter.getInstance();
  answerEarly(fastify);
  closeConnections(fastify);
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
    const { unread, limitBytes } = request.routeOptions.config as RouteBody;
    return unread === true ? payload : readBody(request.headers, payload, lowered(limits, limitBytes));
  });
  return adapter;
}

const lowered = (limits: BodyLimits, limitBytes: number | undefined): BodyLimits =>
  limitBytes === undefined ? limits : { ...limits, plainBytes: limitBytes, tooLarge: 'request_too_large' };

/** Targets that the router cannot read; they never get as far as a hook. */
function answerBadTarget(request: FastifyRequest, reply: FastifyReply, dialectOf: DialectOf): void {
  const error = new GatewayError('invalid_request', 'The path of the request is not valid.');
  const rendered = dialectOf(request.url.split('?', 1)[0] ?? '')?.renderError(error, Date.now(), request.id);
  void reply
    .code(error.status)
    .headers({ 'x-request-id': request.id, [ERROR_SOURCE]: 'gateway', ...rendered?.headers })
    .send(rendered?.body ?? plainEnvelope(error));
}
