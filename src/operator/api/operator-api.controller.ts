import { All, Body, Controller, Get, Header, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ControlError, ControlService, OperationRegistry, type Wishes } from '../../control/index.js';
import { parsedJson } from './body.js';
import { docsPage } from './docs-page.js';
import { givenInput } from './given-input.js';
import { openApi } from './openapi.js';
import { OperatorGate } from './operator-gate.service.js';
import { problemOf, PROBLEM_TYPE } from './problem.js';
import { routeOf } from './route-of.js';

const ROOT = '/api/v1';
const VERSION = 'v1';

/** `/api/v1/*`: every operation at its path, and the description of them all. */
@Controller()
export class OperatorApiController {
  constructor(
    private readonly control: ControlService,
    private readonly registry: OperationRegistry,
    private readonly gate: OperatorGate,
  ) {}

  @Get('api/v1/openapi.json')
  describe(): object {
    return openApi(this.registry.operations, VERSION);
  }

  @Get('api/docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
  page(): string {
    return docsPage(this.registry.operations, VERSION);
  }

  @All('api/v1/*')
  async run(
    @Req() request: FastifyRequest,
    @Query() query: Record<string, string | string[]>,
    @Body() body: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    try {
      const call = await this.gate.callOf(request);
      const { operation, fields } = this.routed(request, reply);
      const { dryRun, ...asked } = query;
      const given = givenInput(operation, fields, asked, parsedJson(body));
      const done = await this.control.run(operation.name, given, call, wishesOf(request, dryRun));
      if (done.version !== undefined) reply.header('etag', done.version);
      await reply.code(done.status).header('cache-control', 'no-store').send(done.output);
    } catch (thrown) {
      const problem = problemOf(thrown, request.id);
      await reply.code(problem.status).header('content-type', PROBLEM_TYPE).send(JSON.stringify(problem));
    }
  }

  private routed(request: FastifyRequest, reply: FastifyReply) {
    const path = (request.ingress?.path ?? '').slice(ROOT.length);
    const routed = routeOf(this.registry.operations, request.method, path);
    if (routed === undefined) throw new ControlError('not_found', 'There is nothing at this path.');
    if ('operation' in routed) return routed;
    reply.header('allow', routed.allowed.join(', '));
    throw new ControlError('method_not_allowed', 'This path does not answer to this method.');
  }
}

function wishesOf({ headers }: FastifyRequest, dryRun: unknown): Wishes {
  const key = headers['idempotency-key'];
  const { 'if-match': ifMatch } = headers;
  return {
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(typeof key === 'string' ? { idempotencyKey: key } : {}),
    ...(dryRun === 'true' ? { dryRun: true } : {}),
  };
}
