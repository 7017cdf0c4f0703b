import { isRecord } from './codex-request.js';

export type Route =
  | 'responses'
  | 'compact'
  | 'images'
  | 'realtime'
  | 'transcribe'
  | 'models'
  | 'usage'
  | 'token'
  | 'device-code'
  | 'device-poll'
  | 'files'
  | 'upload'
  | 'upgrade'
  | 'other';

export interface RequestHead {
  readonly route: Route;
  /** Position among the requests of its route, from 1. */
  readonly ordinal: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  /** Names and values in the order and case they arrived in. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly receivedAtMs: number;
  /** The websocket that it came on, from 1; absent over HTTP. */
  readonly socket?: number;
}

/** One request as the upstream received it, and what became of it. */
export class RecordedRequest {
  readonly route: Route;
  readonly ordinal: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly receivedAtMs: number;
  readonly transport: 'http' | 'websocket';
  /** The websocket that it came on, or that it opened, from 1; absent over HTTP. */
  socket: number | undefined;
  /** What was said on its websocket before, when it goes on from there: input items, then what we answered. */
  history: readonly unknown[] = [];
  /** The simulated account whose token it carried. */
  accountId: string | undefined;
  /** When the client went away before it had its whole answer. */
  abortedAtMs: number | undefined;
  /** Resolves when the client goes away before it had its whole answer; stays pending otherwise. */
  readonly aborted: Promise<void>;
  /** Resolves when the exchange is over, however it ended. */
  readonly closed: Promise<void>;
  private readonly settle: { aborted(): void; closed(): void };
  private bytes: Buffer | undefined;
  private parsed: { readonly value: unknown } | undefined;

  constructor(head: RequestHead) {
    this.route = head.route;
    this.ordinal = head.ordinal;
    this.method = head.method;
    this.path = head.path;
    this.query = head.query;
    this.headers = head.headers;
    this.receivedAtMs = head.receivedAtMs;
    this.transport = head.socket === undefined ? 'http' : 'websocket';
    this.socket = head.socket;
    const aborted = signalled();
    const closed = signalled();
    this.aborted = aborted.promise;
    this.closed = closed.promise;
    this.settle = { aborted: aborted.resolve, closed: closed.resolve };
  }

  /** The body, or the frame, exactly as it arrived. @throws Error when bodies are not kept and this one was already answered */
  get body(): Buffer {
    if (this.bytes === undefined) throw new Error('The body is not there: still arriving, or not kept.');
    return this.bytes;
  }

  /** The body as JSON, parsed at first use. @throws SyntaxError when it is not JSON */
  json(): unknown {
    this.parsed ??= { value: JSON.parse(this.body.toString('utf8')) };
    return this.parsed.value;
  }

  /** The body with everything before it, as a request that does not go on from another one would say it. */
  whole(): unknown {
    const body = this.json();
    if (this.history.length === 0 || !isRecord(body)) return body;
    const { input } = body;
    return { ...body, input: [...this.history, ...(Array.isArray(input) ? (input as unknown[]) : [])] };
  }

  /** The first header of that name, in any case. */
  header(name: string): string | undefined {
    const wanted = name.toLowerCase();
    return this.headers.find(([key]) => key.toLowerCase() === wanted)?.[1];
  }

  arrived(body: Buffer): void {
    this.bytes = body;
  }

  /** Forget the body, so that a load test does not fill the memory. */
  release(): void {
    this.bytes = undefined;
    this.parsed = undefined;
  }

  /** @param abortedAtMs set when it was the client that ended it */
  over(abortedAtMs?: number): void {
    this.abortedAtMs = abortedAtMs;
    if (abortedAtMs !== undefined) this.settle.aborted();
    this.settle.closed();
  }
}

function signalled(): { promise: Promise<void>; resolve(): void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}
