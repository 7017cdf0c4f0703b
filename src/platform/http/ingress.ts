import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Principal, RenderedError } from '../../core/index.js';
import { inCallersTrace } from '../telemetry/index.js';
import { peerAddressOf } from './client-address.js';
import { decodedPath } from './decoded-path.js';
import { ERROR_SOURCE } from './gateway-error.filter.js';

/** A request as the steps before its body see it. */
export interface IngressRequest {
  readonly method: string;
  /** Decoded once, without query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The other end of the connection: a client, or a proxy. Absent: it is gone. */
  readonly peer?: string;
  /** Of the client; absent: nobody knows. It is the peer's until a step that knows about proxies says otherwise. */
  address?: string;
  /** Set by the step that authenticates. */
  caller?: Principal;
}

/**
 * One check before the body. It throws a `GatewayError`, which the caller's dialect renders, or returns a refusal that
 * goes out as it is; `undefined` lets the request on to the next step.
 */
export type IngressStep = (request: IngressRequest) => RenderedError | undefined | Promise<RenderedError | undefined>;

declare module 'fastify' {
  interface FastifyRequest {
    ingress: IngressRequest | null;
  }
}

/**
 * Runs the steps, in order, on every request before a byte of its body is read; also on requests that no route serves.
 * Call it once, before the application listens.
 *
 * @param draining while true, answers close their connection, so that clients look for another instance
 */
export function registerIngress(
  fastify: FastifyInstance,
  steps: readonly IngressStep[],
  draining: () => boolean = () => false,
): void {
  fastify.decorateRequest('ingress', null);
  // With a callback: all that follows, up to the answer, is called from here.
  fastify.addHook('onRequest', (request, _, done) => inCallersTrace(request.headers, done));
  fastify.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (draining()) reply.header('connection', 'close');
    const { method, headers } = request;
    const peer = peerAddressOf(request.raw);
    const seen: IngressRequest = {
      method,
      headers,
      path: decodedPath(request.url),
      ...(peer === undefined ? {} : { peer, address: peer }),
    };
    request.ingress = seen;
    const refusal = await refusalOf(seen, steps);
    return refusal && refuse(reply, refusal);
  });
}

/** What the first step that refuses says; `undefined` when all let the request on. @throws GatewayError as steps do */
export async function refusalOf(
  request: IngressRequest,
  steps: readonly IngressStep[],
): Promise<RenderedError | undefined> {
  for (const step of steps) {
    const refusal = await step(request);
    if (refusal) return refusal;
  }
  return undefined;
}

const refuse = (reply: FastifyReply, { status, headers, body }: RenderedError) =>
  reply
    .code(status)
    .headers({ [ERROR_SOURCE]: 'gateway', ...headers })
    .send(body);
