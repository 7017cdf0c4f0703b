import { GatewayError, collect, SseFramer, type EventBatch, type ResponseEvent } from '../core/index.js';
import { untilVisible, type WindowLimits } from './retry-window.js';

const LIMITS: WindowLimits = { blocks: 32, bytes: 8 * 1024 * 1024, afterFirstMs: 1_000, silenceMs: 15_000 };

/** A source that says nothing more and does not end. */
const SILENCE = Symbol('silence');

const event = (type: string, rest: object = {}) => `data: ${JSON.stringify({ type, ...rest })}\n\n`;
const CREATED = event('response.created');
const TEXT = event('response.output_text.delta', { delta: 'hi' });
const FAILED = event('response.failed', { response: { error: { code: 'server_is_overloaded' } } });

const batch = (text: string): EventBatch => {
  const framed = new SseFramer().push(Buffer.from(text));
  if (!framed) throw new Error('not a whole block');
  return framed;
};

/** A source that a test feeds; `returned` tells whether its reader closed it. */
class Source implements AsyncIterableIterator<EventBatch> {
  returned = false;
  private readonly steps: Promise<IteratorResult<EventBatch>>[] = [];

  constructor(...texts: (string | Error | typeof SILENCE)[]) {
    for (const text of texts) this.steps.push(step(text));
    this.steps.push(Promise.resolve({ done: true, value: undefined }));
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  next() {
    return this.steps.shift() ?? Promise.resolve({ done: true as const, value: undefined });
  }

  return() {
    this.returned = true;
    return Promise.resolve({ done: true as const, value: undefined });
  }
}

function step(text: string | Error | typeof SILENCE): Promise<IteratorResult<EventBatch>> {
  if (text === SILENCE) return new Promise(() => undefined);
  if (text instanceof Error) {
    const failed = Promise.reject<IteratorResult<EventBatch>>(text);
    failed.catch(() => undefined);
    return failed;
  }
  return Promise.resolve({ done: false, value: batch(text) });
}

const overloaded = (failed: ResponseEvent) =>
  failed.type === 'response.failed' ? new GatewayError('server_is_overloaded', 'busy') : undefined;
const open = (source: Source, limits: Partial<WindowLimits> = {}) =>
  untilVisible(source, overloaded, { ...LIMITS, ...limits });
const bytesOf = async (batches: AsyncIterable<EventBatch>) =>
  Buffer.concat((await collect(batches)).map(({ raw }) => raw)).toString();

describe('untilVisible', () => {
  it('closes at the first visible event and gives the whole answer back unchanged (trap 12)', async () => {
    const opened = await open(new Source(CREATED, ': note\n\n', TEXT, event('response.completed')));
    expect(opened.failure).toBeUndefined();
    expect(await bytesOf(opened.batches)).toBe(CREATED + ': note\n\n' + TEXT + event('response.completed'));
  });

  it.each([
    ['at once', [FAILED]],
    ['after created', [CREATED, FAILED]],
    ['after comments and rate limits', [': hello\n\n', event('codex.rate_limits'), CREATED, FAILED]],
    ['in one read with created', [CREATED + FAILED]],
  ])('finds a failure that comes %s (trap 13)', async (_, texts) => {
    expect((await open(new Source(...texts))).failure).toMatchObject({ code: 'server_is_overloaded' });
  });

  it('finds no failure once something visible came before it (trap 12)', async () => {
    expect((await open(new Source(TEXT + FAILED))).failure).toBeUndefined();
  });

  it('fails when the stream ends before anything visible', async () => {
    await expect(open(new Source(CREATED))).rejects.toMatchObject({ code: 'stream_interrupted' });
  });

  it('fails when the stream breaks before anything visible', async () => {
    await expect(open(new Source(CREATED, new GatewayError('upstream_timeout', 'late')))).rejects.toMatchObject({
      code: 'upstream_timeout',
    });
  });

  it('closes after the limit of blocks or bytes', async () => {
    expect((await open(new Source(CREATED, CREATED, SILENCE), { blocks: 2 })).failure).toBeUndefined();
    expect((await open(new Source(CREATED, SILENCE), { bytes: CREATED.length })).failure).toBeUndefined();
  });

  it('lets the client have its head when nothing follows the first event in time, and loses no byte', async () => {
    const opened = await open(new Source(CREATED, SILENCE), { afterFirstMs: 5 });
    const first = await opened.batches[Symbol.asyncIterator]().next();
    expect((first.value as EventBatch).raw.toString()).toBe(CREATED);
  });

  it('lets the client have its head when nothing comes at all', async () => {
    expect((await open(new Source(SILENCE), { silenceMs: 5 })).failure).toBeUndefined();
  });

  it('closes the upstream when the answer is given back unread', async () => {
    const source = new Source(TEXT);
    await (await open(source)).close();
    expect(source.returned).toBe(true);
  });
});
