import { Readable } from 'node:stream';
import { Controller, Delete, Get, Header, Options, Patch, Post, Put, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ControlError, ControlService, OperationRegistry, type Done } from '../../control/index.js';
import type { RouteBody } from '../../platform/http/index.js';
import { API_ROOT } from './api-path.js';
import { docsPage } from './docs-page.js';
import { givenInput } from './given-input.js';
import { openApi } from './openapi.js';
import { refused } from './operator-dialect.js';
import { OperatorGate, type Admitted } from './operator-gate.service.js';
import { RequestBody } from './request-body.service.js';
import { routeOf, type Routed } from './route-of.js';
import { hasDryRunField, isKnown, wishesOf } from './wishes.js';

const VERSION = 'v1';
const EVERYTHING = 'api/v1/*';
/** The body of somebody whom we do not know is not read. */
const UNREAD: RouteBody = { unread: true };
/** What is longer leaves piece by piece, so that it can be cut. */
const PIECE_BYTES = 16 * 1024;

/** `undefined`: a status says it all. */
type Answer = string | Readable | undefined;
type Query = Readonly<Record<string, string | readonly string[]>>;

/** `/api/v1/*`: every operation at its path, and the description of them all. */
@Controller()
export class OperatorApiController {
  constructor(
    private readonly control: ControlService,
    private readonly registry: OperationRegistry,
    private readonly gate: OperatorGate,
    private readonly bodies: RequestBody,
  ) {}

  @Get('api/v1/openapi.json')
  @Header('cache-control', 'no-store')
  @Header('x-content-type-options', 'nosniff')
  describe(): object {
    return openApi(this.registry.operations, VERSION);
  }

  @Get('api/docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  @Header('x-content-type-options', 'nosniff')
  @Header('referrer-policy', 'no-referrer')
  @Header(
    'content-security-policy',
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
  page(): string {
    return docsPage(this.registry.operations, VERSION);
  }

  @Get(EVERYTHING)
  get(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Answer> {
    return this.answer(request, reply);
  }

  @Post(EVERYTHING)
  @RouteConfig(UNREAD)
  post(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Answer> {
    return this.answer(request, reply);
  }

  @Put(EVERYTHING)
  @RouteConfig(UNREAD)
  put(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Answer> {
    return this.answer(request, reply);
  }

  @Patch(EVERYTHING)
  @RouteConfig(UNREAD)
  patch(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Answer> {
    return this.answer(request, reply);
  }

  @Delete(EVERYTHING)
  @RouteConfig(UNREAD)
  delete(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Answer> {
    return this.answer(request, reply);
  }

  /** No page of another origin is allowed anything: here it learns only what everybody does. */
  @Options(EVERYTHING)
  @RouteConfig(UNREAD)
  options(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Answer> {
    return this.answer(request, reply);
  }

  private async answer(request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
    let end = (): void => undefined;
    try {
      const admitted = await this.gate.admit(request);
      end = () => admitted.end();
      reply.raw.once('close', end);
      return answered(await this.done(request, reply, admitted), request, reply, admitted.signal);
    } catch (thrown) {
      end();
      if (!(thrown instanceof ControlError)) throw thrown;
      const { status, headers, body } = refused(thrown, request.id);
      void reply.code(status).headers(headers);
      return body;
    }
  }

  private async done(request: FastifyRequest, reply: FastifyReply, admitted: Admitted): Promise<Done> {
    const { operation, fields } = this.routed(request, reply);
    const { dryRun, ...asked } = request.query as Query;
    const isField = hasDryRunField(operation);
    const query = isField && dryRun !== undefined ? { ...asked, dryRun } : asked;
    const wishes = wishesOf(request.headers, isField ? undefined : dryRun);
    const given = givenInput(operation, fields, query, await this.bodies.read(request));
    // Reading may have taken its time.
    await admitted.again();
    const running = this.control.run(operation.name, given, admitted.call, wishes);
    // What a change came to is told to whoever was let in to make it; what is only read is not.
    return operation.change === undefined ? unlessGone(running, admitted.signal) : running;
  }

  private routed(request: FastifyRequest, reply: FastifyReply): Extract<Routed, { operation: unknown }> {
    const path = (request.ingress?.path ?? '').slice(API_ROOT.length);
    const routed = routeOf(this.registry.operations, request.method, path);
    if (routed === undefined) throw new ControlError('not_found', 'There is nothing at this path.');
    if ('operation' in routed) return routed;
    reply.header('allow', routed.allowed.join(', '));
    throw new ControlError('method_not_allowed', 'This path does not answer to this method.');
  }
}

function unlessGone<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  running.catch(() => undefined);
  const gone = new Promise<never>((_, reject) => {
    const leave = (): void => reject(signal.reason as Error);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
  });
  return Promise.race([running, gone]);
}

function answered(done: Done, request: FastifyRequest, reply: FastifyReply, signal: AbortSignal): Answer {
  const { status, output, version } = done;
  void reply.headers({ 'cache-control': 'no-store', ...(version === undefined ? {} : { etag: version }) });
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && isKnown(request.headers, done)) return void reply.code(304);
  const text = JSON.stringify(output);
  void reply.code(status).header('content-type', 'application/json; charset=utf-8');
  return isRead && text.length > PIECE_BYTES ? Readable.from(piecesOf(text, signal)) : text;
}

/** @throws why nothing more is told: then the answer breaks off, and its client can tell */
function* piecesOf(text: string, signal: AbortSignal): Generator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    signal.throwIfAborted();
    yield bytes.subarray(at, at + PIECE_BYTES);
  }
}
