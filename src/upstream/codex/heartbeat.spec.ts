import { hold } from '../../../test/support/scripted-upstream/index.js';
import { aTurn, stalled, until, useSockets } from '../../../test/support/upstream-sockets.js';

const never = new AbortController().signal;
const PING_MS = 25_000;
const MIB = 1024 * 1024;

/** Only the interval that pings is ours to move: the sockets are real. */
const useFakeInterval = () =>
  jest.useFakeTimers({
    doNotFake: [
      'Date',
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setTimeout',
      'clearTimeout',
    ],
  });

describe('pings to the upstream (trap 51, trap 55)', () => {
  const fixture = useSockets();
  beforeEach(() => useFakeInterval());
  afterEach(() => jest.useRealTimers());

  it('go out every 25 seconds, and answered ones keep the connection', async () => {
    const { pair } = await fixture();
    const { socket, peer } = await pair();
    jest.advanceTimersByTime(PING_MS - 1);
    await peer.ping();
    expect(peer.pings).toBe(0);
    for (let ping = 1; ping <= 4; ping += 1) {
      jest.advanceTimersByTime(ping === 1 ? 1 : PING_MS);
      await until(() => peer.pings === ping);
      // Our pong comes after the peer's, and the peer's answer to our ping came before it.
      await peer.ping();
    }
    expect(socket.usable).toBe(true);
  });

  it('that stay without an answer show that the connection is dead, in a turn or between turns', async () => {
    const { upstream, pair } = await fixture();
    const held = hold();
    upstream.replyWith(held);
    const resting = await pair();
    const running = await pair();
    const answering = running.socket.turn(aTurn(), never);
    await held.text('Hel');
    const turn = (await answering).batches[Symbol.asyncIterator]();
    await turn.next();
    resting.peer.pauseReading();
    running.peer.pauseReading();
    jest.advanceTimersByTime(PING_MS);
    expect([resting.socket.usable, running.socket.usable]).toEqual([true, false]);
    const pending = turn.next();
    jest.advanceTimersByTime(PING_MS);
    expect(resting.socket.usable).toBe(false);
    await expect(pending).rejects.toMatchObject({ code: 'stream_interrupted' });
    await until(() => jest.getTimerCount() === 0);
  });

  it('are not missed while a slow reader holds the connection back', async () => {
    const { upstream, pair } = await fixture();
    const held = hold();
    upstream.replyWith(held);
    const { socket } = await pair();
    const answering = socket.turn(aTurn(), never);
    let sent = 0;
    const sending = (async () => {
      for (; sent < 48; sent += 1) await held.text('x'.repeat(MIB));
      await held.raw('data: {"type":"response.completed","response":{"id":"r"}}\n\n');
    })();
    const { batches } = await answering;
    await stalled(() => sent);
    for (let ping = 0; ping < 4; ping += 1) jest.advanceTimersByTime(PING_MS);
    let frames = 0;
    for await (const { events } of batches) frames += events.length;
    await sending;
    expect([frames, socket.usable]).toEqual([49, true]);
  });
});
