import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Dialect, GatewayError } from '../../core/index.js';
import { safeError } from '../telemetry/index.js';
import { gatewayErrorOf } from './framework-error.js';

/** Tells an answer that we made from one that the upstream gave. */
export const ERROR_SOURCE = 'x-pooler-error-source';

/** The one place where a failure before the first byte becomes an answer, in the dialect of the path that was called. */
@Catch()
export class GatewayErrorFilter implements ExceptionFilter {
  private readonly log = new Logger('GatewayErrorFilter');

  /** @param dialectFor total: it also knows what to say on a path that nobody serves */
  constructor(private readonly dialectFor: (path: string) => Dialect) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = gatewayErrorOf(thrown);
    if (error.code === 'internal') this.report(error, request.id);
    if (reply.raw.headersSent) return void reply.raw.destroy(); // too late for a status: a cut is all that is left
    this.answer(error, request, reply);
  }

  private answer(error: GatewayError, request: FastifyRequest, reply: FastifyReply): void {
    const { relay } = error.detail;
    const path = request.ingress?.path ?? request.url;
    const { status, headers, body } = this.dialectFor(path).renderError(error, Date.now(), request.id);
    reply.code(status).headers({
      'x-request-id': request.id,
      [ERROR_SOURCE]: relay ? 'upstream' : 'gateway',
      ...(Buffer.isBuffer(body) && relay ? { 'content-type': relay.contentType } : {}),
      ...headers,
    });
    void reply.send(body);
  }

  /** Only what is our own fault is worth a line, and of that only where it happened: messages may quote anything. */
  private report(error: GatewayError, requestId: string): void {
    this.log.error({ msg: 'a request failed', requestId, error: safeError(error.cause ?? error) });
  }
}
