import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { ClientSocket } from './client-socket.js';

const TIMES = { pingMs: 1_000, idleMs: 10_000, closingMs: 500 };

class FakeWs extends EventEmitter {
  readonly OPEN = 1;
  readonly CLOSED = 3;
  readyState = 1;
  isPaused = false;
  bufferedAmount = 0;
  pings = 0;
  answersPings = true;
  closedWith: number | undefined;
  terminated = false;
  readonly sent: string[] = [];
  sendError: Error | undefined;

  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  ping(): void {
    this.pings += 1;
    if (this.answersPings) this.emit('pong');
  }
  send(frame: string, done: (error?: Error) => void): void {
    this.sent.push(frame);
    done(this.sendError);
  }
  close(code: number): void {
    this.readyState = 2;
    this.closedWith = code;
  }
  terminate(): void {
    this.terminated = true;
    this.readyState = 3;
    this.emit('close', 1006);
  }
}

function aSocket() {
  const ws = new FakeWs();
  const socket = new ClientSocket(ws as unknown as WebSocket, TIMES);
  const frames = socket.frames[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const step = await frames.next();
    return step.done === true ? 'done' : step.value.toString();
  };
  const receive = (text: string | Buffer) => ws.emit('message', Buffer.from(text), Buffer.isBuffer(text));
  return { ws, socket, next, receive };
}

const resolved = async (promise: Promise<unknown>): Promise<boolean> => {
  let done = false;
  void promise.then(() => (done = true));
  await jest.advanceTimersByTimeAsync(0);
  return done;
};

describe('ClientSocket', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('hands out frames in order, those that came before anybody asked too', async () => {
    const { next, receive } = aSocket();
    receive('1');
    receive('2');
    expect([await next(), await next()]).toEqual(['1', '2']);
    const third = next();
    receive('3');
    expect(await third).toBe('3');
  });

  it('stops reading while frames wait, and goes on when there is room', async () => {
    const { ws, next, receive } = aSocket();
    for (let n = 1; n <= 8; n += 1) receive(String(n));
    expect(ws.isPaused).toBe(true);
    await next();
    expect(ws.isPaused).toBe(false);
    receive('x'.repeat(4 * 1024 * 1024));
    expect(ws.isPaused).toBe(true);
  });

  it('is idle until stopped: then it hands out nothing more, and closes with that code', async () => {
    const { ws, socket, next, receive } = aSocket();
    const waiting = next();
    socket.stop(1008);
    socket.stop(1001);
    receive('late');
    expect([await waiting, await next(), ws.closedWith]).toEqual(['done', 'done', undefined]);
    socket.close();
    expect(ws.closedWith).toBe(1008);
  });

  it('says that its turn was cut, whatever it was stopped with, and closes in time', async () => {
    const { ws, socket } = aSocket();
    socket.stop(1001);
    socket.cut(1012, 300);
    socket.close();
    expect([ws.closedWith, ws.terminated]).toEqual([1012, false]);
    await jest.advanceTimersByTimeAsync(300);
    expect(ws.terminated).toBe(true);
  });

  it('closes normally when nobody said otherwise, and with 1011 when the session broke', () => {
    const [fine, broken] = [aSocket(), aSocket()];
    fine.socket.close();
    broken.socket.close(true);
    expect([fine.ws.closedWith, broken.ws.closedWith]).toEqual([1000, 1011]);
  });

  it('cuts a client that does not answer a close', async () => {
    const { ws, socket } = aSocket();
    socket.close();
    await jest.advanceTimersByTimeAsync(499);
    expect(ws.terminated).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect([ws.terminated, await resolved(socket.closed)]).toEqual([true, true]);
  });

  it('closes with 1003 on a binary frame; what runs is over', async () => {
    const { ws, socket, next, receive } = aSocket();
    receive(Buffer.from('{}'));
    expect([ws.closedWith, await resolved(socket.gone), await next()]).toEqual([1003, true, 'done']);
  });

  it('knows that the client is gone, and drops what it had sent', async () => {
    const { ws, socket, next, receive } = aSocket();
    receive('unread');
    ws.terminate();
    expect([await resolved(socket.gone), await resolved(socket.closed), await next()]).toEqual([true, true, 'done']);
  });

  it('says so to whoever sends', async () => {
    const { ws, socket } = aSocket();
    await socket.send('fine');
    ws.sendError = new Error('EPIPE');
    await expect(socket.send('late')).rejects.toMatchObject({ code: 'client_disconnected' });
    expect(ws.sent).toEqual(['fine', 'late']);
  });

  it('pings, and cuts a client that did not answer by the next ping (trap 55)', async () => {
    const { ws } = aSocket();
    await jest.advanceTimersByTimeAsync(3_000);
    expect([ws.pings, ws.terminated]).toEqual([3, false]);
    ws.answersPings = false;
    await jest.advanceTimersByTimeAsync(2_000);
    expect([ws.pings, ws.terminated]).toEqual([4, true]);
  });

  it('is more patient with a client that has not read its last frames yet', async () => {
    const { ws } = aSocket();
    ws.answersPings = false;
    ws.bufferedAmount = 1;
    await jest.advanceTimersByTimeAsync(4_000);
    expect(ws.terminated).toBe(false);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(ws.terminated).toBe(true);
  });

  it('holds nothing against a client whose pongs it does not read', async () => {
    const { ws } = aSocket();
    ws.answersPings = false;
    ws.isPaused = true;
    await jest.advanceTimersByTimeAsync(60_000);
    expect([ws.pings, ws.terminated]).toEqual([0, false]);
  });

  it('ends an idle session, but not one that serves', async () => {
    const { ws, next, receive } = aSocket();
    receive('turn');
    await next();
    await jest.advanceTimersByTimeAsync(60_000);
    const waiting = next();
    await jest.advanceTimersByTimeAsync(9_000);
    expect(await resolved(waiting)).toBe(false);
    await jest.advanceTimersByTimeAsync(1_000);
    expect([await waiting, ws.terminated]).toEqual(['done', false]);
  });
});
