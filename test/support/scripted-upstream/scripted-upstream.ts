import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { AccountDirectory } from './account-directory.js';
import { baseHeaders } from './base-headers.js';
import { CATALOGUE, type CatalogueEntry } from './catalogue.js';
import { directives } from './directives.js';
import { noWebsockets, unauthorized } from './failures.js';
import { HttpWire } from './http-wire.js';
import { operationReply } from './operations.js';
import { json } from './plain-replies.js';
import type { RecordedRequest, Route } from './recorded-request.js';
import { RequestLog } from './request-log.js';
import type { AccountOptions, ScriptedAccount } from './scripted-account.js';
import { ScriptedFiles } from './scripted-files.js';
import { ScriptedIssuer } from './scripted-issuer.js';
import { ScriptedSocket } from './scripted-socket.js';
import { SocketTurns } from './socket-turns.js';
import { Upgrades, type UpgradeScript } from './upgrades.js';
import type { Headers, Reply, Script } from './wire.js';

export interface UpstreamOptions {
  /** Serve callers whose token belongs to no account, e.g. a CLI pointed straight at it. */
  readonly acceptAnyToken?: boolean;
  /** `false` forgets every request once it is answered: memory stays flat under load. */
  readonly keepBodies?: boolean;
  /** `false` refuses every upgrade with 426, after which a Codex client goes on over HTTP at once and silently. */
  readonly websockets?: boolean;
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
  /** Answers calls that have one whole answer, such as a compaction; absent: with the usual one. */
  wholeScript: Script | undefined;
  /** Answers what no route knows. */
  otherScript: Script = () => json(404, { detail: 'Not Found' });
  /** Answers a websocket upgrade when the account's own script does not, or lets it be accepted by returning nothing. */
  upgradeScript: UpgradeScript | undefined;
  /** More headers for the answers to upgrades that are accepted. */
  upgradeHeaders: Headers = {};
  /** Every websocket that was accepted, in order. */
  readonly sockets: ScriptedSocket[] = [];
  readonly files = new ScriptedFiles();
  readonly issuer: ScriptedIssuer;
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
  private readonly upgrades: Upgrades;
  private accepted = 0;

  constructor(private readonly options: UpstreamOptions = {}) {
    this.nowMs = options.nowMs ?? Date.now;
    this.log = new RequestLog(options.keepBodies ?? true, this.nowMs);
    this.directory = new AccountDirectory(this.nowMs);
    this.issuer = new ScriptedIssuer(this.directory, () => this.url);
    this.server.on('request', (incoming, response) => void this.serve(incoming, response));
    this.upgrades = new Upgrades(this.nowMs);
    this.server.on('upgrade', (incoming, socket, head) => void this.upgrade(incoming, socket, head));
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
    this.upgrades.stop();
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

  /** Websockets that are open now. */
  get openSockets(): number {
    return this.sockets.filter((socket) => socket.isOpen).length;
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
    return this.issuer.token(request);
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = this.log.begin(incoming);
    const account = this.directory.find(request);
    if (account !== undefined) request.accountId = account.id;
    const wire = new HttpWire(response, request, () => baseHeaders(request, account), this.nowMs);
    try {
      this.log.complete(request, await bodyOf(incoming));
      const reply = this.replyTo(request, account);
      const sent = reply.send(wire);
      // A reply reads the body before its first pause: a long stream does not hold it.
      if (this.options.keepBodies === false) request.release();
      await sent;
    } catch (thrown) {
      if (!wire.isOpen) return;
      this.failed(thrown);
      if (response.headersSent) wire.drop();
      else await json(thrown instanceof SyntaxError ? 400 : 500, { detail: String(thrown) }).send(wire);
    }
  }

  private replyTo(request: RecordedRequest, account: ScriptedAccount | undefined): Reply {
    const login = this.issuer.reply(request, this.tokenScript);
    if (login !== undefined) return login;
    if (request.route === 'upload') return this.files.upload(request);
    if (request.route === 'other') return this.otherScript(request);
    const refusal = this.stranger(request, account);
    if (refusal !== undefined) return refusal;
    if (request.route === 'models') return this.models(account);
    if (request.route === 'files') return this.files.reply(request);
    if (request.route === 'usage') return account ? account.usage() : unauthorized();
    return this.modelCall(request, account);
  }

  private stranger(request: RecordedRequest, account: ScriptedAccount | undefined): Reply | undefined {
    const named = request.header('chatgpt-account-id');
    if (account === undefined) return this.options.acceptAnyToken === true ? undefined : unauthorized();
    const isOther = named !== undefined && named !== account.id;
    return isOther ? json(403, { detail: 'The token belongs to another account.' }) : undefined;
  }

  private modelCall(request: RecordedRequest, account: ScriptedAccount | undefined): Reply {
    const refusal = account?.spend();
    const script = account?.script ?? this.script;
    const queued = account?.nextReply() ?? this.queue.shift();
    return queued ?? refusal ?? operationReply(request, this.wholeScript) ?? script(request);
  }

  private models(account: ScriptedAccount | undefined): Reply {
    const allowed = account?.models;
    const models = this.catalogue.filter(({ slug }) => allowed === undefined || allowed.includes(slug));
    const etag = createHash('sha256').update(JSON.stringify(models)).digest('hex').slice(0, 16);
    return json(200, { models }, { etag: `W/"${etag}"` });
  }

  private async upgrade(incoming: IncomingMessage, connection: Duplex, head: Buffer): Promise<void> {
    const request = this.log.begin(incoming, 'upgrade');
    const account = this.directory.find(request);
    if (account !== undefined) request.accountId = account.id;
    const refusal = this.refusalOf(request, account);
    if (refusal !== undefined) return this.upgrades.refuse(incoming, connection, request, refusal);
    const headers = { ...baseHeaders(request, account), ...this.upgradeHeaders };
    const ws = await this.upgrades.accept(incoming, connection, head, headers);
    request.socket = ++this.accepted;
    request.over();
    const keep = this.options.keepBodies ?? true;
    const turns = new SocketTurns({
      keep,
      nowMs: this.nowMs,
      log: this.log,
      reply: (turn) => this.modelCall(turn, account),
      failed: (thrown) => this.failed(thrown),
    });
    const socket = new ScriptedSocket(ws, request, account?.id, { keep, nowMs: this.nowMs, turns });
    this.sockets.push(socket);
    if (!keep) void socket.closed.then(() => this.sockets.splice(this.sockets.indexOf(socket), 1));
  }

  private refusalOf(request: RecordedRequest, account: ScriptedAccount | undefined): Reply | undefined {
    if (this.options.websockets === false) return noWebsockets();
    if (request.path !== '/backend-api/codex/responses') return json(404, { detail: 'Not Found' });
    const scripted = account?.upgradeScript?.(request) ?? this.upgradeScript?.(request);
    return scripted ?? this.stranger(request, account);
  }

  private failed(thrown: unknown): void {
    if (this.scriptErrors.length < MAX_SCRIPT_ERRORS) this.scriptErrors.push(thrown);
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
