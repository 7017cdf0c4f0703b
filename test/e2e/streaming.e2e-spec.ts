import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { attemptsOf, settlementOf } from '../support/calls.js';
import { ask, hello, PATH, useGateway } from '../support/gateway.js';
import { RawConnection } from '../support/raw-http.js';
import {
  hang,
  hold,
  raw,
  say,
  ScriptedUpstream,
  slowDrip,
  StreamReply,
  usage,
  type Reply,
} from '../support/scripted-upstream/index.js';
import { standstill } from '../support/standstill.js';

const KEEPALIVE_MS = 150;
const KEEPALIVE = 'data: {"type":"keepalive"}\n\n';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream, env: { KEEPALIVE_MS: String(KEEPALIVE_MS) } });

const block = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;
const delta = (text: string): string => block({ type: 'response.output_text.delta', delta: text });
const COMPLETED = block({ type: 'response.completed', response: { id: 'resp_1', error: null } });

/** Reads an answer as it comes. */
class Reading {
  text = '';
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private readonly decoder = new TextDecoder();

  constructor(readonly answer: Response) {
    if (!answer.body) throw new Error('The answer has no body.');
    this.reader = answer.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  }

  /** Reads until the text is there. @throws Error when the stream ends without it */
  async until(wanted: string): Promise<void> {
    while (!this.text.includes(wanted)) {
      const step = await this.reader.read();
      if (step.done) throw new Error(`ended without "${wanted}": ${this.text}`);
      this.text += this.decoder.decode(step.value, { stream: true });
    }
  }

  async rest(): Promise<string> {
    for (let step = await this.reader.read(); !step.done; step = await this.reader.read()) {
      this.text += this.decoder.decode(step.value, { stream: true });
    }
    return this.text;
  }
}

it('gives the client each event as it comes', async () => {
  const held = hold();
  upstream.replyWith(held);
  const answering = gateway.post(ask());
  await held.raw(delta('one'));
  const reading = new Reading(await answering);

  for (const word of ['one', 'two', 'three']) {
    if (word !== 'one') await held.raw(delta(word));
    await reading.until(word);
  }
  await held.raw(COMPLETED);
  await held.cut('end');

  expect((await reading.rest()).replaceAll(KEEPALIVE, '')).toBe(
    delta('one') + delta('two') + delta('three') + COMPLETED,
  );
});

/** Everything that a careless relay would change. */
const NATIVE = Buffer.concat([
  Buffer.from(': a comment\n\nretry: 10\n\n'),
  Buffer.from('event: response.created\r\ndata: {"type":"response.created", "response":{"id":"r","n":1.0}}\r\n\r\n'),
  Buffer.from('data: {"type":"codex.rate_limits","plan_type":"pro","rate_limits":null}\n\n'),
  Buffer.from('event: codex.new_thing\rdata: {"z":1,"a":[1e2]}\r\r'),
  Buffer.from('data: {"type":"response.output_text.delta",\ndata: "delta":"two lines \\u00e9 é 🙂"}\n\n'),
  Buffer.from('data: {"type":"response.output_text.delta","delta":"'),
  Buffer.from([0xff, 0xfe, 0xc3]),
  Buffer.from('"}\n\ndata: not json\n\n\n\nid: 7\ndata: [DONE]\n\n'),
  Buffer.from('data: {"type":"response.completed","response":{"error":null,"id":"r","usage":null}}\n\n'),
]);

it.each<[string, () => Reply]>([
  ['in one piece', () => raw([NATIVE])],
  ['byte by byte', () => slowDrip(1, bytesOf(NATIVE), 0)],
  ['in pieces of 7 bytes', () => slowDrip(7, bytesOf(NATIVE), 0)],
])('relays the bytes of a stream that comes %s, whatever is in it (trap 2, trap 11)', async (_, reply) => {
  upstream.replyWith(reply());

  const answer = await gateway.post(ask());

  expect(Buffer.from(await answer.arrayBuffer()).equals(NATIVE)).toBe(true);
  expect(await settlementOf(gateway, answer)).toMatchObject({ status: 'succeeded', usage_known: false });
});

const bytesOf = (bytes: Buffer) => new StreamReply({ ...hello().plan, frames: () => [bytes] });

it('fills silence with data frames of its own, between events and never inside one (trap 10)', async () => {
  const held = hold();
  upstream.replyWith(held);
  const answering = gateway.post(ask());
  await held.raw(delta('before'));
  const reading = new Reading(await answering);
  await reading.until(KEEPALIVE);
  await held.raw('data: {"type":"response.output_text.delta",');
  await reading.until(KEEPALIVE + KEEPALIVE);
  await held.raw('"delta":"after"}\n\n' + COMPLETED);
  await held.cut('end');

  const text = await reading.rest();
  const after = 'data: {"type":"response.output_text.delta","delta":"after"}\n\n';
  expect(text.replaceAll(KEEPALIVE, '')).toBe(delta('before') + after + COMPLETED);
  expect(text.startsWith(delta('before') + KEEPALIVE + KEEPALIVE)).toBe(true);
});

it('gives the client its headers after that silence when the upstream has said nothing but its own', async () => {
  const held = hold();
  upstream.replyWith(held);

  const answer = await gateway.post(ask());

  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  await held.raw(COMPLETED);
  await held.cut('end');
  expect((await answer.text()).endsWith(COMPLETED)).toBe(true);
});

describe('a client that leaves', () => {
  it('in the middle of an answer ends the call upstream within a second, and is settled as cancelled', async () => {
    const held = hold();
    upstream.replyWith(held);
    const client = new AbortController();
    const answering = gateway.post(ask(), { signal: client.signal });
    await held.start();
    await held.text('Hel');
    const answer = await answering;
    const request = await held.opened;

    const leftAtMs = Date.now();
    client.abort();
    await request.aborted;

    expect((request.abortedAtMs ?? Infinity) - leftAtMs).toBeLessThan(1_000);
    const row = await settlementOf(gateway, answer);
    expect(row).toMatchObject({ status: 'cancelled', error_code: 'client_disconnected', blame: 'client' });
    expect(row).toMatchObject({ usage_known: false, http_status: 200, first_event_at: expect.any(Date) as Date });
    expect(await attemptsOf(gateway, row)).toMatchObject([{ status: 'cancelled' }]);
  });

  it.each([
    ['before the upstream has answered', hang],
    ['before the upstream has said anything', hold],
  ])('%s ends the call upstream within a second', async (_, reply) => {
    const connection = await RawConnection.open(Number(new URL(gateway.url).port));
    const held = reply();
    upstream.replyWith(held);
    const requestId = randomUUID();
    connection.send(requestBytes({ 'x-request-id': requestId }));
    const request = await held.opened;

    const leftAtMs = Date.now();
    connection.close();
    await request.aborted;

    expect((request.abortedAtMs ?? Infinity) - leftAtMs).toBeLessThan(1_000);
    const answer = new Response(null, { headers: { 'x-request-id': requestId } });
    expect(await settlementOf(gateway, answer)).toMatchObject({ status: 'cancelled', attempt_count: 1 });
  });
});

function requestBytes(headers: Record<string, string> = {}): string {
  const body = JSON.stringify(ask());
  const lines = Object.entries({
    host: 'gateway',
    authorization: `Bearer ${gateway.key}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${PATH} HTTP/1.1`, ...lines, '', body].join('\r\n');
}

it('makes the upstream wait for a client that reads slowly, and loses nothing', async () => {
  const [chunk, count] = [delta('x'.repeat(64 * 1024)), 1024];
  const held = hold();
  upstream.replyWith(held);
  const connection = await RawConnection.open(Number(new URL(gateway.url).port));
  connection.send(requestBytes({ connection: 'close' }));
  await held.raw(chunk);
  await once(connection.socket, 'data');
  connection.socket.pause();

  let written = 1;
  const writing = (async () => {
    for (; written < count; written += 1) await held.raw(chunk);
  })();
  await standstill(() => written);
  const stoppedAt = written;
  connection.socket.resume();
  await writing;
  await held.raw(COMPLETED);
  await held.cut('end');
  const { text } = await connection.untilClosed();

  expect(stoppedAt * chunk.length).toBeLessThan(16 * 1024 * 1024);
  expect(text.split('"delta":"').length - 1).toBe(count);
});

it('writes the usage to the ledger in buckets that do not overlap', async () => {
  upstream.replyWith(say('Hello', { usage: usage(1000, 600, 70, 30) }));

  const answer = await gateway.post(ask());
  await answer.text();

  const row = await settlementOf(gateway, answer);
  expect(row).toMatchObject({ input_uncached: '400', input_cached: '600', output: '40', reasoning: '30' });
});

describe('a call that does not stream', () => {
  it('gets the JSON of the upstream byte for byte, and its usage is counted', async () => {
    const body =
      '{"id":"resp_1",  "object":"response","n":1.0,"error":null,"status":"completed","output":[],"usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15}}\n';
    upstream.replyWith(raw([body], { 'content-type': 'application/json' }));

    const answer = await gateway.post(ask({ stream: false }));

    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await answer.text()).toBe(body);
    const row = await settlementOf(gateway, answer);
    expect(row).toMatchObject({ status: 'succeeded', transport: 'http_json', input_uncached: '10', output: '5' });
  });

  it('gets no keep-alive, however long its answer takes (trap 10)', async () => {
    const pieces = ['{"id":"resp_1",', '"object":"response","status":"completed","output":[]}'].map((text) =>
      Buffer.from(text),
    );
    const headers = { 'content-type': 'application/json' };
    upstream.replyWith(new StreamReply({ frames: () => pieces, headers, paceMs: 3 * KEEPALIVE_MS, ending: 'end' }));

    const answer = await gateway.post(ask({ stream: false }));

    expect(await answer.text()).toBe(Buffer.concat(pieces).toString());
  });
});
