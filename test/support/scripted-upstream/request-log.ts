import type { IncomingMessage } from 'node:http';
import { OPERATION_ROUTES } from './operations.js';
import { RecordedRequest, type RequestHead, type Route } from './recorded-request.js';
import { isAboutFiles, isUpload } from './scripted-files.js';

const ROUTES = new Map<string, Route>([
  ['POST /backend-api/codex/responses', 'responses'],
  ['GET /backend-api/codex/models', 'models'],
  ['GET /backend-api/wham/usage', 'usage'],
  ['POST /oauth/token', 'token'],
  ['POST /api/accounts/deviceauth/usercode', 'device-code'],
  ['POST /api/accounts/deviceauth/token', 'device-poll'],
  ...OPERATION_ROUTES,
]);

/** Everything that arrived, in order, by route; without bodies and without a list when they are not to be kept. */
export class RequestLog {
  private readonly kept: RecordedRequest[] = [];
  private readonly counts = new Map<Route, number>();
  private readonly unread: RecordedRequest[] = [];
  private readonly readers: ((request: RecordedRequest) => void)[] = [];
  /** Requests whose answer is under way. */
  open = 0;
  /** Requests that the client gave up. */
  aborted = 0;

  constructor(
    private readonly keep: boolean,
    private readonly nowMs: () => number,
  ) {}

  /** Record the head. Its body comes later, by `complete`. */
  begin(incoming: IncomingMessage, as?: Route): RecordedRequest {
    const { pathname, search } = new URL(incoming.url ?? '/', 'http://upstream');
    const method = incoming.method ?? 'GET';
    const route = as ?? routeOf(method, pathname);
    return this.record({
      route,
      method,
      path: pathname,
      query: search.slice(1),
      headers: pairs(incoming.rawHeaders),
    });
  }

  /** A model call that came as a frame of the websocket that this upgrade opened. */
  beginTurn({ method, path, query, headers, socket }: RecordedRequest): RecordedRequest {
    return this.record({
      route: 'responses',
      method,
      path,
      query,
      headers,
      ...(socket === undefined ? {} : { socket }),
    });
  }

  /** The whole body is here. */
  complete(request: RecordedRequest, body: Buffer): void {
    request.arrived(body);
    if (request.route !== 'responses') return;
    const reader = this.readers.shift();
    if (reader !== undefined) reader(request);
    else if (this.keep) this.unread.push(request);
  }

  of(route: Route): readonly RecordedRequest[] {
    return this.kept.filter((request) => request.route === route);
  }

  count(route: Route): number {
    return this.counts.get(route) ?? 0;
  }

  /** The next model call that nobody has asked for yet, with its body. */
  next(): Promise<RecordedRequest> {
    const waiting = this.unread.shift();
    return waiting === undefined ? new Promise((resolve) => this.readers.push(resolve)) : Promise.resolve(waiting);
  }

  private record(head: Omit<RequestHead, 'ordinal' | 'receivedAtMs'>): RecordedRequest {
    const ordinal = this.count(head.route) + 1;
    const request = new RecordedRequest({ ...head, ordinal, receivedAtMs: this.nowMs() });
    this.counts.set(head.route, ordinal);
    this.open += 1;
    if (this.keep) this.kept.push(request);
    void request.closed.then(() => this.settled(request));
    return request;
  }

  private settled(request: RecordedRequest): void {
    this.open -= 1;
    if (request.abortedAtMs !== undefined) this.aborted += 1;
  }
}

function routeOf(method: string, path: string): Route {
  const known = ROUTES.get(`${method} ${path}`);
  if (known !== undefined) return known;
  if (isUpload(method, path)) return 'upload';
  return isAboutFiles(method, path) ? 'files' : 'other';
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) list.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  return list;
}
