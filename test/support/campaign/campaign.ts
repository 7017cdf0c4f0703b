import type { TestGateway } from '../gateway.js';
import type { CountedUpstream } from './counted-upstream.js';
import { askingOf, FORM_BOUNDARY, promptOf } from './lanes.js';
import { LightConnection, type LightAnswer } from './light-connection.js';
import { LightSocket } from './light-socket.js';
import type { PlannedCall } from './planned-call.js';

const CONNECTIONS = 64;
/** For each key and path. */
const SOCKETS = 3;

interface Client {
  send(bytes: string): Promise<LightAnswer>;
  drop(): void;
}

/** Sends planned calls, many at a time, and remembers how they were answered. */
export class Campaign {
  /** By number of the call. */
  readonly answers = new Map<number, LightAnswer>();
  private readonly underWay = new Map<number, Client>();

  constructor(
    private readonly gateway: TestGateway,
    private readonly upstream: CountedUpstream,
    /** Keys by label. */
    private readonly tokens: ReadonlyMap<string, string>,
  ) {}

  async run(calls: readonly PlannedCall[]): Promise<void> {
    this.answers.clear();
    this.upstream.expect(calls, (number) => this.underWay.get(number)?.drop());
    const isTurn = ({ lane }: PlannedCall): boolean => askingOf(lane).socket === true;
    const requests = calls.filter((call) => !isTurn(call));
    const turns = new Map<string, PlannedCall[]>();
    for (const call of calls.filter(isTurn)) {
      const group = `${call.key} ${askingOf(call.lane).path}`;
      const before = turns.get(group);
      if (before === undefined) turns.set(group, [call]);
      else before.push(call);
    }
    await Promise.all([
      ...workers(CONNECTIONS, requests, () => this.connection()),
      ...[...turns.values()].flatMap((group) => workers(SOCKETS, group, () => this.socketOf(group))),
    ]);
  }

  private connection() {
    const port = Number(new URL(this.gateway.url).port);
    return this.clientOf(
      (seen) => new LightConnection(port, seen),
      (call) => this.requestOf(call),
    );
  }

  private socketOf([first]: readonly PlannedCall[]) {
    if (first === undefined) throw new Error('A group of turns has one.');
    const url = `${this.gateway.url.replace('http', 'ws')}${askingOf(first.lane).path}`;
    const token = this.tokenOf(first);
    return this.clientOf((seen) => new LightSocket(url, token, seen), bodyOf);
  }

  /** A client that goes away at the first text of an answer where that is the plan. */
  private clientOf(make: (seen: (text: string) => void) => Client, bytesOf: (call: PlannedCall) => string) {
    let current: PlannedCall | undefined;
    const client = make((text) => {
      if (current?.course === 'client leaves after text' && text.includes('delta')) client.drop();
    });
    return {
      ask: async (call: PlannedCall): Promise<void> => {
        current = call;
        this.underWay.set(call.number, client);
        this.answers.set(call.number, await client.send(bytesOf(call)));
        this.underWay.delete(call.number);
      },
      close: () => client.drop(),
    };
  }

  private requestOf(call: PlannedCall): string {
    const body = bodyOf(call);
    const type = call.lane === 'speech' ? `multipart/form-data; boundary=${FORM_BOUNDARY}` : 'application/json';
    return (
      `POST ${askingOf(call.lane).path} HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer ${this.tokenOf(call)}\r\n` +
      `content-type: ${type}\r\ncontent-length: ${String(body.length)}\r\n\r\n${body}`
    );
  }

  private tokenOf({ key }: PlannedCall): string {
    const token = this.tokens.get(key);
    if (token === undefined) throw new Error(`There is no key ${key}.`);
    return token;
  }
}

function bodyOf({ lane, model, number }: PlannedCall): string {
  const body = askingOf(lane).body(model, promptOf(number));
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** So many at a time, each with a client of its own. */
function workers(
  count: number,
  calls: readonly PlannedCall[],
  make: () => { ask(call: PlannedCall): Promise<void>; close(): void },
): Promise<void>[] {
  const left = calls[Symbol.iterator]();
  return Array.from({ length: Math.min(count, calls.length) }, async () => {
    const client = make();
    for (const call of left) await client.ask(call);
    client.close();
  });
}
