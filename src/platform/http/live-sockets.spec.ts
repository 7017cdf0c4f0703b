import { Logger } from '@nestjs/common';
import { GatewayError } from '../../core/index.js';
import { LiveStreams } from './index.js';

class FakeSocket {
  readonly stops: number[] = [];
  readonly closes: boolean[] = [];
  readonly cuts: [code: number, ms: number][] = [];
  leave: () => void = () => undefined;
  shut: () => void = () => undefined;
  stopped: () => void = () => undefined;
  readonly stopping = new Promise<void>((done) => (this.stopped = done));
  readonly gone = new Promise<void>((done) => (this.leave = done));
  readonly closed = new Promise<void>((done) => (this.shut = done));

  stop(code: number): void {
    this.stops.push(code);
    this.stopped();
  }
  close(failed = false): void {
    this.closes.push(failed);
    this.shut();
  }
  cut(code: number, ms: number): void {
    this.cuts.push([code, ms]);
  }
}

const live = (drainMs = 20_000, jitterMs = 0): LiveStreams => {
  const streams = new LiveStreams({ DRAIN_MS: drainMs });
  streams.jitterMs = () => jitterMs;
  return streams;
};
const codeOf = (signal: AbortSignal) => GatewayError.from(signal.reason).code;

/** A session that only ends when its signal does. */
const held = (seen: { signal?: AbortSignal }) => (signal: AbortSignal) =>
  new Promise<void>((done) => {
    seen.signal = signal;
    signal.addEventListener('abort', () => done());
  });

describe('LiveStreams, of websockets', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  it('closes a socket when its session is over, and forgets it when it is closed', async () => {
    const [streams, socket] = [live(), new FakeSocket()];
    await streams.serve(socket, async () => undefined);
    expect(socket.closes).toEqual([false]);
    await new Promise(setImmediate);
    expect(streams.count).toBe(0);
  });

  it('aborts a session whose client is gone', async () => {
    const [streams, socket, seen] = [live(), new FakeSocket(), {} as { signal?: AbortSignal }];
    const over = streams.serve(socket, held(seen));
    socket.leave();
    await over;
    expect(seen.signal && codeOf(seen.signal)).toBe('client_disconnected');
  });

  it('closes with an error when a session broke, but not when only its client was gone', async () => {
    const [streams, broken, left] = [live(), new FakeSocket(), new FakeSocket()];
    await streams.serve(broken, () => Promise.reject(new TypeError('bug')));
    await streams.serve(left, () => Promise.reject(new GatewayError('client_disconnected', 'Gone.')));
    expect([broken.closes, left.closes]).toEqual([[true], [true]]);
  });

  it('stops every session once when the drain begins, and those that come later too', async () => {
    const [streams, early, late] = [live(), new FakeSocket(), new FakeSocket()];
    const sessions = [streams.serve(early, () => early.stopping)];
    streams.drain();
    streams.drain();
    sessions.push(streams.serve(late, () => late.stopping));
    await Promise.all(sessions);
    expect([early.stops, late.stops]).toEqual([[1001], [1001]]);
  });

  it('goes on serving sessions, old and new, while nobody knows yet that it leaves', async () => {
    const [streams, early, late] = [live(), new FakeSocket(), new FakeSocket()];
    void streams.serve(early, () => early.stopping);
    await streams.leave(1);
    void streams.serve(late, () => late.stopping);
    expect([streams.draining, streams.refusing, early.stops, late.stops]).toEqual([true, false, [], []]);
    streams.drain();
    await Promise.all([early.stopping, late.stopping]);
    expect(streams.refusing).toBe(true);
  });

  it('counts DRAIN_MS from the moment it leaves', async () => {
    const [streams, seen] = [live(50), {} as { signal?: AbortSignal }];
    void streams.serve(new FakeSocket(), held(seen));
    await streams.leave(50);
    const startedAtMs = performance.now();
    streams.onModuleDestroy();
    await streams.beforeApplicationShutdown();
    expect(performance.now() - startedAtMs).toBeLessThan(40);
  });

  it('spreads the stops over two seconds, or half of a shorter drain', () => {
    const mosts: number[] = [];
    for (const drainMs of [20_000, 300]) {
      const streams = live(drainMs);
      streams.jitterMs = (mostMs) => {
        mosts.push(mostMs);
        return 0;
      };
      void streams.serve(new FakeSocket(), () => new Promise(() => undefined));
      streams.drain();
    }
    expect(mosts).toEqual([2_000, 150]);
  });

  it('waits for running turns, and aborts with `draining` what is still at it after DRAIN_MS', async () => {
    const [streams, socket, seen] = [live(50), new FakeSocket(), {} as { signal?: AbortSignal }];
    void streams.serve(socket, held(seen));
    streams.onModuleDestroy();
    await streams.beforeApplicationShutdown();
    expect([seen.signal && codeOf(seen.signal), socket.stops, socket.cuts]).toEqual([
      'draining',
      [1001],
      [[1012, 800]],
    ]);
    expect([socket.closes, streams.count]).toEqual([[false], 0]);
  });
});
