import { codexRecordings, type RecordedStep } from '../support/codex-recordings.js';
import { CodexSocket, eventOf } from '../support/codex-socket.js';
import { useGateway } from '../support/gateway.js';
import { ScriptedUpstream, type RecordedRequest } from '../support/scripted-upstream/index.js';

/** What a Codex client says about itself: goes upstream as it came. */
const OWN_HEADER =
  /^(originator|user-agent|version|session[-_]id|thread-id|x-client-request-id|x-codex-.*|x-openai-.*)$/;

const own = (headers: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.fromEntries(headers.filter(([name]) => OWN_HEADER.test(name)));

type Frame = Readonly<Record<string, unknown>>;
type Step<Kind> = Extract<RecordedStep, { kind: Kind }>;

/** One recorded websocket, played again: its ids are those of today's answers. */
class Replayed {
  private warmUp: { readonly id: unknown; readonly input: readonly unknown[] } | undefined;
  private lastId: unknown;

  constructor(
    readonly socket: CodexSocket,
    readonly headers: Step<'upgrade'>['headers'],
  ) {}

  /** @returns what has to reach the upstream: the frame's own text, or what it means; undefined for a warm-up */
  async play(recorded: Frame): Promise<string | Frame | undefined> {
    const continues = 'previous_response_id' in recorded;
    const frame = continues ? { ...recorded, previous_response_id: this.lastId } : recorded;
    const goesOnFromWarmUp = continues && this.warmUp?.id === this.lastId;
    const text = JSON.stringify(frame);
    const answer = (await this.socket.ask(text)).map(eventOf);
    expect(answer.at(-1)?.type).toBe('response.completed');
    this.lastId = answer.at(-1)?.response?.['id'];
    const input = frame['input'] as readonly unknown[];
    if (frame['generate'] === false) {
      this.warmUp = { id: this.lastId, input };
      return undefined;
    }
    return goesOnFromWarmUp ? withWarmUp(frame, this.warmUp?.input ?? []) : text;
  }
}

/** The warm-up's input in front, and no response to go on from. */
function withWarmUp({ previous_response_id, ...frame }: Frame, warmed: readonly unknown[]): Frame {
  expect(previous_response_id).toEqual(expect.any(String));
  return { ...frame, input: [...warmed, ...(frame['input'] as readonly unknown[])] };
}

describe('what a Codex CLI sent', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });

  const routeOf = (path: string): RecordedRequest[] =>
    (['responses', 'compact', 'images'] as const)
      .flatMap((route) => upstream.requests(route))
      .filter((request) => request.path === path);

  async function post({ path, headers, body }: Step<'post'>): Promise<void> {
    const before = routeOf(path).length;
    const response = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { ...own(headers), authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
      body,
    });
    const text = await response.text();
    const arrived = routeOf(path)[before];
    expect([response.status, text]).toEqual([200, expect.stringMatching(/response\.completed|"output"|"data"/)]);
    expect(arrived?.body.toString()).toBe(body);
    expect(own(arrived?.headers ?? [])).toEqual(own(headers));
  }

  async function turn(replayed: Replayed, frame: Frame): Promise<void> {
    const before = upstream.received.length;
    const expected = await replayed.play(frame);
    const arrived = upstream.received.slice(before);
    if (expected === undefined) {
      expect(arrived).toEqual([]);
      return;
    }
    expect(arrived).toHaveLength(1);
    expectTurn(arrived[0], expected);
    expect(own(lowerCase(arrived[0]))).toEqual(own(replayed.headers));
  }

  it.each(codexRecordings())('reaches the upstream as it was: $name', async ({ steps }) => {
    const sockets = new Map<number, Replayed>();
    for (const step of steps) {
      if (step.kind === 'post') await post(step);
      else if (step.kind === 'upgrade') {
        const socket = await CodexSocket.open(gateway, { path: step.path, headers: own(step.headers) });
        sockets.set(step.connection, new Replayed(socket, step.headers));
      } else {
        const replayed = sockets.get(step.connection);
        if (replayed === undefined) throw new Error('a frame before its upgrade');
        await turn(replayed, step.frame);
      }
    }
    for (const { socket } of sockets.values()) socket.drop();
  });
});

function expectTurn(arrived: RecordedRequest | undefined, expected: string | Frame): void {
  const text = arrived?.body.toString() ?? '';
  if (typeof expected === 'string') expect(text).toBe(expected);
  else expect(JSON.parse(text)).toEqual(expected);
}

const lowerCase = (request: RecordedRequest | undefined): readonly (readonly [string, string])[] =>
  (request?.headers ?? []).map(([name, value]) => [name.toLowerCase(), value] as const);
