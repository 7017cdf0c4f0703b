import { whileRetry, type Patience } from './while-retry.js';

class FakePatience implements Patience {
  readonly slept: number[] = [];
  private atMs = 0;
  onSleep: () => void = () => undefined;

  readonly now = (): number => this.atMs;
  readonly sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    this.slept.push(ms);
    this.atMs += ms;
    this.onSleep();
    signal.throwIfAborted();
  };

  pass(ms: number): void {
    this.atMs += ms;
  }
}

const isRetry = (answer: string): boolean => answer.startsWith('retry');
const staying = new AbortController().signal;

describe('asking while the answer is to ask again', () => {
  it('ends at once when it is not', async () => {
    const patience = new FakePatience();
    expect(await whileRetry(async () => 'success', isRetry, patience, staying)).toBe('success');
    expect(patience.slept).toEqual([]);
  });

  it('waits 250 ms each time', async () => {
    const patience = new FakePatience();
    const answers = ['retry', 'retry', 'success'];
    expect(await whileRetry(async () => answers.shift() ?? '', isRetry, patience, staying)).toBe('success');
    expect(patience.slept).toEqual([250, 250]);
  });

  it('gives the last answer after 30 s', async () => {
    const patience = new FakePatience();
    let asked = 0;
    expect(await whileRetry(async () => `retry ${String(++asked)}`, isRetry, patience, staying)).toBe('retry 121');
    expect(patience.now()).toBe(30_000);
  });

  it('counts the time that the answers take', async () => {
    const patience = new FakePatience();
    let asked = 0;
    const slowly = async (): Promise<string> => {
      asked += 1;
      patience.pass(20_000);
      return 'retry';
    };
    await whileRetry(slowly, isRetry, patience, staying);
    expect(asked).toBe(2);
  });

  it('stops when nobody waits for it any more', async () => {
    const patience = new FakePatience();
    const leaving = new AbortController();
    patience.onSleep = () => leaving.abort(new Error('left'));
    let asked = 0;
    const ask = async (): Promise<string> => `retry ${String(++asked)}`;
    await expect(whileRetry(ask, isRetry, patience, leaving.signal)).rejects.toThrow('left');
    expect(asked).toBe(1);
  });

  it('throws what an answer threw', async () => {
    const ask = () => Promise.reject(new Error('away'));
    await expect(whileRetry(ask, isRetry, new FakePatience(), staying)).rejects.toThrow('away');
  });
});
