import type { Canary } from './canaries.js';
import { CodexSocket, typeOf } from './codex-socket.js';
import type { TestGateway } from './gateway.js';
import {
  createdThenFailed,
  cutAfter,
  errorEvent,
  failedAfter,
  failedFirstEvent,
  hold,
  incomplete,
  json,
  raw,
  type HeldStream,
  type Reply,
  type ScriptedUpstream,
} from './scripted-upstream/index.js';
import { v1Answer, v1Headers } from './v1-canaries.js';

/** Into the middle of the text of `v1Answer`. */
const FIRST_WORDS = 11;

const providerError = (canary: Canary, of: string): object => ({
  error: {
    message: canary(`${of} message`),
    type: 'invalid_request_error',
    code: `no ${canary(`${of} code`)}`,
    param: canary(`${of} field`),
  },
});

export const refused = (canary: Canary): Reply => json(400, providerError(canary, 'refusal'));
/** In the middle of its text. */
export const brokenOff = (canary: Canary): Reply => cutAfter(FIRST_WORDS, v1Answer(canary));
export const broken = (canary: Canary): Reply => json(500, providerError(canary, 'server failure'));

/** How an upstream may answer, with a canary in whatever it says. */
const OUTCOMES: Readonly<Record<string, (canary: Canary) => Reply>> = {
  refused: (canary) => refused(canary),
  broken: (canary) => broken(canary),
  page: (canary) => raw([`<html>${canary('page')}</html>`], { 'content-type': 'text/html' }),
  'failed first': (canary) => failedFirstEvent('server_error', canary('first failure')),
  'failed early': (canary) => createdThenFailed('invalid_prompt', canary('early failure')),
  'failed late': (canary) =>
    failedAfter(FIRST_WORDS, v1Answer(canary), `no ${canary('late code')}`, canary('late failure')),
  'error event': (canary) => errorEvent(`no ${canary('error event code')}`, canary('error event')),
  incomplete: (canary) => incomplete(canary('incomplete reason')),
  cut: (canary) => brokenOff(canary),
};

interface Call {
  readonly method?: string;
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** `false`: without the headers that do, so that the session is what the body says of it. */
  readonly namesSession?: boolean;
}

/** A client of `/v1` with one key. */
export class V1CanaryClient {
  /** The outcome of each call, to see that the ways it was meant to go were gone. */
  readonly ways: Record<string, unknown> = {};

  constructor(
    readonly gateway: TestGateway,
    readonly upstream: ScriptedUpstream,
    private readonly key: string,
    readonly canary: Canary,
  ) {}

  /** @param way under which its outcome is noted @returns the answer's text */
  async call(way: string, path: string, call: Call = {}): Promise<string> {
    const { body, method = body === undefined ? 'GET' : 'POST', signal } = call;
    const isSentAsItIs = body instanceof FormData || typeof body === 'string';
    const response = await fetch(`${this.gateway.url}${path}`, {
      method,
      headers: this.headers(path, call),
      ...(body === undefined ? {} : { body: isSentAsItIs ? body : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    this.ways[way] = response.status;
    return response.text().catch(() => 'broken off');
  }

  /** One call of a path for each way that an answer may go, the good one too. */
  async everyWay(path: string, body: object, answer = v1Answer(this.canary)): Promise<void> {
    await this.answered(`${path} answered`, path, body, answer);
    for (const [outcome, reply] of Object.entries(OUTCOMES)) {
      await this.answered(`${path} ${outcome}`, path, body, reply(this.canary));
    }
    await this.abandoned(path, body);
    await this.call(`${path} malformed`, path, { body: `{"input":["${this.canary('malformed')}` });
    await this.call(`${path} no object`, path, { body: [this.canary('no object')] });
    const wrong = [{ role: this.canary('wrong role'), content: this.canary('refused prompt') }];
    const field = ['input', 'messages', 'prompt'].find((name) => name in body) ?? '';
    await this.call(`${path} wrong`, path, { body: { ...body, [field]: wrong } });
    this.upstream.script = () => answer;
    await this.call(`${path} without session headers`, path, { body, namesSession: false });
    await this.call(`${path} unknown field`, path, { body: { ...body, [this.canary('unknown field')]: 1 } });
    await this.call(`${path} wrong key`, path, { body, headers: { authorization: `Bearer ${this.canary('key')}` } });
  }

  /** A call whose upstream answers like this, however often it is asked. */
  async answered(way: string, path: string, body: object, reply: Reply): Promise<string> {
    this.upstream.script = () => reply;
    return this.call(way, path, { body });
  }

  /** One turn on a websocket for each way that an answer may go. */
  async everyTurn(path: string, body: object): Promise<void> {
    const headers = v1Headers(this.canary);
    const turn = { ...body, type: 'response.create', stream: true };
    const outcomes = { answered: v1Answer, ...OUTCOMES };
    for (const [outcome, reply] of Object.entries(outcomes)) {
      this.upstream.script = () => reply(this.canary);
      const socket = await CodexSocket.open(this.gateway, { key: this.key, path, headers });
      this.ways[`${path} turn ${outcome}`] = (await socket.ask(turn)).map(typeOf).at(-1);
      const wrong = { ...turn, input: [{ role: this.canary('wrong role') }] };
      this.ways[`${path} turn wrong`] = (await socket.ask(wrong)).map(typeOf).at(-1);
      socket.send(`{"${this.canary('malformed frame')}`);
      socket.drop();
    }
    const held = this.held();
    const socket = await CodexSocket.open(this.gateway, { key: this.key, path, headers });
    socket.send(turn);
    await this.begun(held);
    socket.drop();
    await (
      await held.opened
    ).aborted;
  }

  private headers(path: string, { body, headers = {}, namesSession = true }: Call): Record<string, string> {
    return {
      ...('x-api-key' in headers || 'authorization' in headers ? {} : this.credentials(path)),
      ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
      ...(namesSession ? v1Headers(this.canary) : {}),
      ...headers,
    };
  }

  private credentials(path: string): Record<string, string> {
    return path.startsWith('/v1/messages') ? { 'x-api-key': this.key } : { authorization: `Bearer ${this.key}` };
  }

  private async abandoned(path: string, body: object): Promise<void> {
    const held = this.held();
    const leaving = new AbortController();
    const answering = this.call(`${path} abandoned`, path, { body, signal: leaving.signal }).catch(() => '');
    await this.begun(held);
    leaving.abort();
    await (
      await held.opened
    ).aborted;
    await answering;
  }

  private held(): HeldStream {
    const held = hold();
    this.upstream.script = () => held;
    return held;
  }

  private async begun(held: HeldStream): Promise<void> {
    await held.start();
    await held.text(this.canary('abandoned answer'));
  }
}
