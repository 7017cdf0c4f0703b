import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { AccountDirectory } from './account-directory.js';
import { CATALOGUE, type CatalogueEntry } from './catalogue.js';
import { directives } from './directives.js';
import { unauthorized } from './failures.js';
import { json } from './plain-replies.js';
import { quotaHeaders, usageBody } from './quota-report.js';
import type { RecordedRequest, Route } from './recorded-request.js';
import { RequestLog } from './request-log.js';
import type { AccountOptions, ScriptedAccount } from './scripted-account.js';
import { Wire, type Headers, type Reply, type Script } from './wire.js';

export interface UpstreamOptions {
  /** Serve callers whose token belongs to no account, e.g. a CLI pointed straight at it. */
  readonly acceptAnyToken?: boolean;
  /** `false` forgets every request once it is answered: memory stays flat under load. */
  readonly keepBodies?: boolean;
  readonly nowMs?: () => number;
}

const MAX_HEADER_BYTES = 262_144;
const MAX_SCRIPT_ERRORS = 100;

/** The Codex backend and its OAuth issuer, played by a script, over real sockets. */
export class ScriptedUpstream {
  /** Answers model calls when neither a queued reply nor the account's own script does. */
  script: Script = directives();
  /** Answers a token call, or leaves it to `renewTokens` by returning nothing. */
  tokenScript: ((request: RecordedRequest) => Reply | undefined) | undefined;
  catalogue: readonly CatalogueEntry[] = CATALOGUE;
  /** What a script or a reply threw: the client got a 500 for it. */
  readonly scriptErrors: unknown[] = [];
  private readonly log: RequestLog;
  private readonly directory: AccountDirectory;
  private readonly queue: Reply[] = [];
  private readonly nowMs: () => number;
  private readonly server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    requestTimeout: 0,
    keepAliveTimeout: 60_000,
  });
  private readonly upgrades = new Set<Duplex>();

  constructor(private readonly options: UpstreamOptions = {}) {
    this.nowMs = options.nowMs ?? Date.now;
    this.log = new RequestLog(options.keepBodies ?? true, this.nowMs);
    this.directory = new AccountDirectory(this.nowMs);
    this.server.on('request', (incoming, response) => void this.serve(incoming, response));
    this.server.on('upgrade', (incoming, socket) => {
      this.refuseUpgrade(incoming, socket);
    });
  }

  /** @returns the origin: both `UPSTREAM_BASE_URL` and `OAUTH_ISSUER_URL` of a gateway under test */
  async start(port = 0, host = '127.0.0.1'): Promise<{ url: string }> {
    this.server.listen(port, host);
    await once(this.server, 'listening');
    return { url: this.url };
  }

  get url(): string {
    const { address, port } = this.server.address() as AddressInfo;
    return `http://${address}:${String(port)}`;
  }

  /** Drops whatever is still open. */
  async stop(): Promise<void> {
    for (const socket of this.upgrades) socket.destroy();
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  addAccount(options: AccountOptions = {}): ScriptedAccount {
    return this.directory.add(options);
  }

  get accounts(): readonly ScriptedAccount[] {
    return this.directory.all;
  }

  /** Answers for the next model calls, first come first served; then the script goes on. */
  replyWith(...replies: readonly Reply[]): void {
    this.queue.push(...replies);
  }

  /** The model calls, in order of arrival. */
  get received(): readonly RecordedRequest[] {
    return this.log.of('responses');
  }

  requests(route: Route): readonly RecordedRequest[] {
    return this.log.of(route);
  }

  /** Counts go on when nothing is kept. */
  count(route: Route): number {
    return this.log.count(route);
  }

  get tokenCalls(): number {
    return this.log.count('token');
  }

  /** Requests whose answer is under way. */
  get open(): number {
    return this.log.open;
  }

  /** Requests that their client gave up before the end. */
  get aborted(): number {
    return this.log.aborted;
  }

  /** The next model call that was not handed out yet, waiting for it if need be. */
  next(): Promise<RecordedRequest> {
    return this.log.next();
  }

  /** The usual answer of the token endpoint, for scripts that only want to delay it. */
  renewTokens(request: RecordedRequest): Reply {
    return this.directory.renew(request);
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = this.log.begin(incoming);
    const account = this.directory.find(request);
    if (account !== undefined) request.accountId = account.id;
    const wire = new Wire(response, request, () => baseHeaders(request, account), this.nowMs);
    try {
      this.log.complete(request, await bodyOf(incoming));
      const reply = this.replyTo(request, account);
      const sent = reply.send(wire);
      // A reply reads the body before its first pause: a long stream does not hold it.
      if (this.options.keepBodies === false) request.release();
      await sent;
    } catch (thrown) {
      if (!wire.isOpen) return;
      if (this.scriptErrors.length < MAX_SCRIPT_ERRORS) this.scriptErrors.push(thrown);
      if (response.headersSent) wire.drop();
      else await json(thrown instanceof SyntaxError ? 400 : 500, { detail: String(thrown) }).send(wire);
    }
  }

  private replyTo(request: RecordedRequest, account: ScriptedAccount | undefined): Reply {
    if (request.route === 'token') return this.tokenScript?.(request) ?? this.renewTokens(request);
    if (request.route === 'other') return json(404, { detail: 'Not Found' });
    const named = request.header('chatgpt-account-id');
    if (account === undefined) {
      if (this.options.acceptAnyToken !== true) return unauthorized();
    } else if (named !== undefined && named !== account.id) {
      return json(403, { detail: 'The token belongs to another account.' });
    }
    if (request.route === 'models') return this.models(account);
    if (request.route === 'usage') return account ? json(200, usageBody(account, this.nowMs())) : unauthorized();
    return this.modelCall(request, account);
  }

  private modelCall(request: RecordedRequest, account: ScriptedAccount | undefined): Reply {
    const refusal = account?.spend();
    return account?.nextReply() ?? this.queue.shift() ?? refusal ?? (account?.script ?? this.script)(request);
  }

  private models(account: ScriptedAccount | undefined): Reply {
    const allowed = account?.models;
    const models = this.catalogue.filter(({ slug }) => allowed === undefined || allowed.includes(slug));
    const etag = createHash('sha256').update(JSON.stringify(models)).digest('hex').slice(0, 16);
    return json(200, { models }, { etag: `W/"${etag}"` });
  }

  /** 426: the one refusal after which a Codex client goes on over HTTP at once and silently. */
  private refuseUpgrade(incoming: IncomingMessage, socket: Duplex): void {
    const request = this.log.begin(incoming, 'upgrade');
    this.upgrades.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.upgrades.delete(socket);
      request.over();
    });
    const body = JSON.stringify({ error: { message: 'Websocket is not available here.' } });
    socket.end(
      `HTTP/1.1 426 Upgrade Required\r\ncontent-type: application/json\r\nconnection: close\r\n` +
        `content-length: ${String(body.length)}\r\n\r\n${body}`,
    );
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What the real backend puts on its answers, including headers that must not reach a gateway's client. */
function baseHeaders(request: RecordedRequest, account: ScriptedAccount | undefined): Headers {
  const common = { 'x-request-id': `upstream-${request.route}-${String(request.ordinal)}` };
  if (request.route !== 'responses') return common;
  const edge = { 'cf-ray': 'simulated', 'set-cookie': '__cf_bm=simulated; path=/; HttpOnly' };
  return { ...common, ...edge, ...(account === undefined ? {} : quotaHeaders(account)) };
}
