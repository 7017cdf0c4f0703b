import { GatewayError, jsonEvent } from '../../core/index.js';
import { SocketTurn, type TurnPort } from './socket-turn.js';

const IDLE_MS = 300_000;
const frame = (text = '{"type":"response.output_text.delta"}') => jsonEvent(Buffer.from(text));

function started(signal = new AbortController().signal) {
  const did: (keyof TurnPort)[] = [];
  const port: TurnPort = {
    pause: () => did.push('pause'),
    resume: () => did.push('resume'),
    cut: () => did.push('cut'),
    delivered: () => did.push('delivered'),
  };
  return { turn: new SocketTurn(port, IDLE_MS, signal), did };
}

describe('an answer on a websocket', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('is cut when the upstream is silent for too long, each frame counting anew (trap 16)', async () => {
    const { turn, did } = started();
    jest.advanceTimersByTime(IDLE_MS - 1);
    turn.push(frame(), false);
    jest.advanceTimersByTime(IDLE_MS - 1);
    expect(did).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(did).toEqual(['cut']);
    expect((await turn.next()).done).toBe(false);
    await expect(turn.next()).rejects.toMatchObject({ code: 'stream_idle_timeout' });
  });

  it('is cut when not even a first frame comes', async () => {
    const { turn } = started();
    const first = turn.first();
    jest.advanceTimersByTime(IDLE_MS);
    await expect(first).rejects.toMatchObject({ code: 'stream_idle_timeout' });
  });

  it('is held back past 16 frames, until half of them are read; that time is no silence', async () => {
    const { turn, did } = started();
    for (let sent = 0; sent < 15; sent += 1) turn.push(frame(), false);
    expect(did).toEqual([]);
    turn.push(frame(), false);
    turn.push(frame(), false);
    expect(did).toEqual(['pause']);
    jest.advanceTimersByTime(2 * IDLE_MS);
    for (let read = 0; read < 8; read += 1) await turn.next();
    turn.push(frame(), false);
    jest.advanceTimersByTime(2 * IDLE_MS);
    expect(did).toEqual(['pause']);
    await turn.next();
    await turn.next();
    expect(did).toEqual(['pause', 'resume']);
    jest.advanceTimersByTime(IDLE_MS);
    expect(did).toEqual(['pause', 'resume', 'cut']);
  });

  it('is held back past 8 MiB', async () => {
    const { turn, did } = started();
    const large = frame(`"${'x'.repeat(5 * 1024 * 1024)}"`);
    turn.push(large, false);
    expect(did).toEqual([]);
    turn.push(large, false);
    expect(did).toEqual(['pause']);
    await turn.next();
    expect(did).toEqual(['pause']);
    await turn.next();
    expect(did).toEqual(['pause', 'resume']);
    await turn.return();
  });

  it('lets the connection go on as soon as its last frame is here, and tells when that was read', async () => {
    const { turn, did } = started();
    for (let sent = 0; sent < 16; sent += 1) turn.push(frame(), false);
    turn.push(frame(), true);
    turn.push(frame(), false);
    expect(did).toEqual(['pause', 'resume']);
    let read = 0;
    while ((await turn.next()).done !== true) read += 1;
    expect([read, did.at(-1)]).toEqual([17, 'delivered']);
    await turn.return();
    expect(did).not.toContain('cut');
  });

  it('is over once: what comes after its end, or after its failure, is nothing (trap 9)', async () => {
    const { turn, did } = started();
    const first = new GatewayError('stream_interrupted', 'first');
    turn.fail(first);
    turn.fail(new GatewayError('stream_idle_timeout', 'second'));
    turn.push(frame(), true);
    await expect(turn.next()).rejects.toBe(first);
    await turn.return();
    expect(did).toEqual([]);
  });

  it('cuts the connection when it is given back before its last frame was read', async () => {
    const { turn, did } = started();
    turn.push(frame(), true);
    await turn.return();
    await turn.return();
    expect(did).toEqual(['cut']);
    expect(await turn.next()).toEqual({ done: true, value: undefined });
  });

  it('throws away what waits when its call is given up', async () => {
    const client = new AbortController();
    const { turn, did } = started(client.signal);
    turn.push(frame(), false);
    client.abort();
    await expect(turn.next()).rejects.toMatchObject({ code: 'client_disconnected' });
    expect(did).toEqual(['cut']);
  });

  it('has its last word before its call is given up', async () => {
    const client = new AbortController();
    const { turn, did } = started(client.signal);
    turn.push(frame(), true);
    client.abort();
    expect((await turn.next()).done).toBe(false);
    expect(did).toEqual(['delivered']);
  });
});
