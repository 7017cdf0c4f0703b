import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, say, withHeaders, type Headers, type RecordedRequest, type Reply } from './scripted-upstream/index.js';
import { HttpWire } from './scripted-upstream/http-wire.js';
import { RequestLog } from './scripted-upstream/request-log.js';

/** What a minute has left, as every answer says it. */
const COUNTS: Headers = {
  'x-ratelimit-limit-requests': '500',
  'x-ratelimit-remaining-requests': '499',
  'x-ratelimit-reset-requests': '120ms',
  'x-ratelimit-limit-tokens': '30000',
  'x-ratelimit-remaining-tokens': '29000',
  'x-ratelimit-reset-tokens': '2s',
};
/** What it does not know it refuses. */
const UNKNOWN = ['client_metadata', 'internal_chat_message_metadata_passthrough'];

/** The OpenAI Platform, played by a script: API keys, `/v1/responses` and `/v1/models`, over real sockets. */
export class ScriptedPlatform {
  /** Those that it takes. */
  readonly keys = new Set<string>();
  models: readonly string[] = ['gpt-5.5', 'gpt-4o', 'text-embedding-3-small'];
  private readonly log = new RequestLog(true, Date.now);
  private readonly queue: Reply[] = [];
  private readonly server = createServer();

  constructor() {
    this.server.on('request', (incoming, response) => void this.serve(incoming, response));
  }

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /** What `OPENAI_UPSTREAM_BASE_URL` is to be. */
  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  /** The model calls with a key that is taken or not, in order. */
  get received(): readonly RecordedRequest[] {
    return this.log.of('responses');
  }

  /** Answers for the next model calls; then it greets. */
  replyWith(...replies: readonly Reply[]): void {
    this.queue.push(...replies);
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const isCall = incoming.method === 'POST' && incoming.url === '/v1/responses';
    const request = this.log.begin(incoming, isCall ? 'responses' : 'other');
    const wire = new HttpWire(
      response,
      request,
      () => ({ 'x-request-id': `req_${String(request.ordinal)}` }),
      Date.now,
    );
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    this.log.complete(request, Buffer.concat(chunks));
    await this.replyTo(request, isCall).send(wire);
  }

  private replyTo(request: RecordedRequest, isCall: boolean): Reply {
    const key = /^Bearer (\S+)$/.exec(request.header('authorization') ?? '')?.[1] ?? '';
    if (!this.keys.has(key)) return invalidKey(key);
    if (request.method === 'GET' && request.path === '/v1/models') return this.modelList();
    if (!isCall) return json(404, { error: { message: 'Unknown request URL', type: 'invalid_request_error' } });
    const unknown = UNKNOWN.find((name) => request.body.includes(`"${name}"`));
    return unknown === undefined
      ? (this.queue.shift() ?? withHeaders(COUNTS, say('From', ' the', ' Platform')))
      : refused(unknown);
  }

  private modelList(): Reply {
    const data = this.models.map((id) => ({ id, object: 'model', created: 1_750_000_000, owned_by: 'system' }));
    return json(200, { object: 'list', data });
  }
}

/** It quotes the ends of what it was given. */
const invalidKey = (key: string): Reply =>
  json(401, {
    error: {
      message: `Incorrect API key provided: ${key.slice(0, 8)}****${key.slice(-4)}.`,
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_api_key',
    },
  });

export const creditsGone = (): Reply =>
  json(429, {
    error: {
      message: 'You exceeded your current quota, please check your plan and billing details.',
      type: 'insufficient_quota',
      param: null,
      code: 'credit_balance_exhausted',
    },
  });

/** Too much for the minute, of which so much is left to wait. */
export const tooFast = (reset: string): Reply =>
  json(
    429,
    {
      error: {
        message: 'Rate limit reached for gpt-5.5 in organization org-secret on tokens per min (TPM).',
        type: 'tokens',
        param: null,
        code: 'rate_limit_exceeded',
      },
    },
    { ...COUNTS, 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': reset },
  );

const refused = (name: string): Reply =>
  json(400, {
    error: {
      message: `Unknown parameter: '${name}'.`,
      type: 'invalid_request_error',
      param: name,
      code: 'unknown_parameter',
    },
  });
