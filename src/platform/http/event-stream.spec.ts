import { collect, from } from '../../core/index.js';
import { eventStream } from './event-stream.js';

const lastFrame = (error: unknown) => `data: ${(error as Error).message}\n\n`;

async function* failing(...items: string[]) {
  yield* items;
  throw new Error('broken');
}

const text = async (stream: AsyncIterable<unknown>) => (await collect(stream)).join('');

describe('eventStream', () => {
  it('is the frames, bytes and text alike', async () => {
    expect(await text(await eventStream(from(['a', Buffer.from('ü'), 'b']), lastFrame))).toBe('aüb');
  });

  it('is an empty body for no frames', async () => {
    expect(await text(await eventStream(from([]), lastFrame))).toBe('');
  });

  it('throws what fails before the first frame', async () => {
    await expect(eventStream(failing(), lastFrame)).rejects.toThrow('broken');
  });

  it('makes a later failure the last frame, and ends', async () => {
    expect(await text(await eventStream(failing('a', 'b'), lastFrame))).toBe('abdata: broken\n\n');
  });

  it('asks a source that has failed for nothing more', async () => {
    let pulls = 0;
    const source = {
      [Symbol.asyncIterator]: () => source,
      next: () => ((pulls += 1) === 1 ? Promise.resolve({ done: false, value: 'a' }) : Promise.reject(new Error('x'))),
    };
    expect([await text(await eventStream(source, lastFrame)), pulls]).toEqual(['adata: x\n\n', 2]);
  });

  it('ends at once when the last frame is empty', async () => {
    expect(await text(await eventStream(failing('a'), () => ''))).toBe('a');
  });

  it('breaks the body when there is nothing to say any more', async () => {
    const stream = await eventStream(failing('a'), () => {
      throw new Error('cut');
    });
    await expect(collect(stream)).rejects.toThrow('cut');
  });

  it('gives the source back when it is dropped unread', async () => {
    let finished = false;
    async function* source() {
      try {
        yield 'a';
        yield 'b';
      } finally {
        finished = true;
      }
    }
    const stream = await eventStream(source(), lastFrame);
    stream.destroy();
    await new Promise((closed) => stream.once('close', closed));
    expect(finished).toBe(true);
  });
});
