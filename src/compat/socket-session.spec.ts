import { from } from '../core/index.js';
import { serveSession } from './socket-session.js';

const frames = (...texts: string[]) => from(texts.map((text) => Buffer.from(text)));
const lastFrame = (thrown: unknown): string => `failed: ${thrown instanceof Error ? thrown.message : ''}`;

describe('a socket session', () => {
  it('serves one frame after another, each answer before the next frame is looked at', async () => {
    const log: string[] = [];
    async function* turn(frame: Buffer) {
      log.push(`asked ${frame.toString()}`);
      yield 'a';
      yield 'b';
    }
    const send = async (frame: string) => void log.push(`sent ${frame}`);
    await serveSession({ frames: frames('1', '2'), send }, turn, lastFrame);
    expect(log).toEqual(['asked 1', 'sent a', 'sent b', 'asked 2', 'sent a', 'sent b']);
  });

  it('waits for each frame to be written before it asks for the next', async () => {
    let asked = 0;
    let written: () => void = () => undefined;
    async function* turn() {
      for (asked = 1; asked < 3; asked += 1) yield 'x';
    }
    const send = () => new Promise<void>((done) => (written = done));
    const over = serveSession({ frames: frames('1'), send }, turn, lastFrame);
    await new Promise(setImmediate);
    expect(asked).toBe(1);
    written();
    await new Promise(setImmediate);
    expect(asked).toBe(2);
    written();
    await over;
  });

  it('ends a failed turn with exactly one frame, and serves the next (trap 53)', async () => {
    const sent: string[] = [];
    async function* turn(frame: Buffer) {
      yield 'begun';
      if (frame.toString() === '1') throw new Error('no');
    }
    const send = async (frame: string) => void sent.push(frame);
    await serveSession({ frames: frames('1', '2'), send }, turn, lastFrame);
    expect(sent).toEqual(['begun', 'failed: no', 'begun']);
  });

  it('gives a turn back whose client is gone, and serves nothing more', async () => {
    const log: string[] = [];
    async function* turn(frame: Buffer) {
      try {
        yield frame.toString();
        yield 'never';
      } finally {
        log.push(`closed ${frame.toString()}`);
      }
    }
    const send = () => Promise.reject(new Error('gone'));
    await expect(serveSession({ frames: frames('1', '2'), send }, turn, lastFrame)).rejects.toThrow('gone');
    expect(log).toEqual(['closed 1']);
  });
});
