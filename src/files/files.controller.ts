import { Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../auth/index.js';
import { GatewayError, type Principal } from '../core/index.js';
import type { AnswerPart } from '../exchange/index.js';
import { LiveStreams, parseJsonObject, requireJson } from '../platform/http/index.js';
import { announcement } from './announcement.js';
import { FileBridge } from './file-bridge.service.js';
import { receivedOf } from './received.adapter.js';

/** `POST /backend-api/files` and `…/:id/uploaded`: what a Codex client asks before and after it uploads a file. */
@Controller('backend-api/files')
export class FilesController {
  constructor(
    private readonly bridge: FileBridge,
    private readonly live: LiveStreams,
  ) {}

  @Post()
  @HttpCode(200)
  create(
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    refuseForm(request);
    const { bytes, object } = jsonBody(request);
    const file = announcement(object, bytes);
    return relayed(this.bridge.create(file, received(request), caller, this.live.track(reply)), reply);
  }

  @Post(':id/uploaded')
  @HttpCode(200)
  complete(
    @Param('id') fileId: string,
    @Req() request: FastifyRequest,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const { bytes } = jsonBody(request);
    return relayed(this.bridge.complete(fileId, bytes, received(request), caller, this.live.track(reply)), reply);
  }
}

function refuseForm({ headers }: FastifyRequest): void {
  if (!/^\s*multipart\//i.test(headers['content-type'] ?? '')) return;
  const message =
    'Announce the file as JSON with file_name and file_size; its bytes go to the upload_url of the answer.';
  throw new GatewayError('unsupported_multipart_file_create', message);
}

/** @throws GatewayError `invalid_request`; a request without a body is `{}`, whatever its content type */
function jsonBody({ body, headers }: FastifyRequest): { bytes: Buffer; object: Record<string, unknown> } {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  if (bytes.length > 0) requireJson(headers['content-type']);
  return { bytes, object: parseJsonObject(bytes) };
}

const received = (request: FastifyRequest) => receivedOf(request, 'codex-backend');

/** A whole answer, as it came: everything of it is settled before the client has it. */
async function relayed(parts: AsyncIterable<AnswerPart>, reply: FastifyReply): Promise<Buffer> {
  const bytes: Buffer[] = [];
  for await (const part of parts) {
    if (part.kind === 'head') void reply.status(part.status).headers(part.headers);
    else bytes.push(part.raw);
  }
  return Buffer.concat(bytes);
}
