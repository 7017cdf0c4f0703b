import {
  burst429,
  createdThenFailed,
  cutAfter,
  failAfterHeaders,
  failBeforeHeaders,
  hang,
  hold,
  junkLine,
  message,
  reasoningPart,
  answer,
  say,
  slowDrip,
  unauthorizedOnce,
  usage,
} from './index.js';
import { ask, BODY, eventsOf, startUpstream, stopUpstreams } from './spec-calls.js';

afterEach(stopUpstreams);

describe('an answer', () => {
  it('is the event sequence of a Responses stream, with usage in its terminal event', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    upstream.replyWith(say('Hello', ' there', { usage: usage(100, 64, 20, 5) }));

    const response = await ask(upstream);
    const events = eventsOf(await response.text());

    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.at(-1)?.response).toMatchObject({
      id: 'resp_000001',
      model: 'gpt-5.4',
      usage: {
        input_tokens: 100,
        input_tokens_details: { cached_tokens: 64 },
        output_tokens: 20,
        output_tokens_details: { reasoning_tokens: 5 },
        total_tokens: 120,
      },
    });
  });

  it('may be made of several parts and is one JSON object for a request that does not stream', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    upstream.replyWith(answer([reasoningPart('Thinking'), message(['Done.'])], { usage: null }));

    const response = await ask(upstream, 'any', { body: JSON.stringify({ model: 'gpt-5.5', stream: false }) });
    const whole = (await response.json()) as { output: { type: string }[] };

    expect(whole.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
    expect(whole).not.toHaveProperty('usage');
  });

  it('arrives in pieces of the size that a slow drip says', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    upstream.replyWith(slowDrip(700, say('Drop by drop')));

    const sizes: number[] = [];
    const response = await ask(upstream);
    for await (const chunk of response.body as unknown as AsyncIterable<Buffer>) sizes.push(chunk.length);

    expect(sizes.length).toBeGreaterThan(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1400);
  });
});

describe('a failure', () => {
  it('before the headers drops the connection without a status', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    upstream.replyWith(failBeforeHeaders());

    await expect(ask(upstream)).rejects.toThrow('fetch failed');
    expect(upstream.aborted).toBe(0);
  });

  it('after the headers, or after some events, cuts the stream without a terminal event', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    upstream.replyWith(failAfterHeaders(), cutAfter(3, say('Never', ' ends')), cutAfter(3, say('Never'), 'end'));

    await expect(ask(upstream).then((response) => response.text())).rejects.toThrow('terminated');
    await expect(ask(upstream).then((response) => response.text())).rejects.toThrow('terminated');
    expect(eventsOf(await (await ask(upstream)).text())).toHaveLength(3);
  });

  it('in the stream is a failed terminal event with the code', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    upstream.replyWith(createdThenFailed('server_is_overloaded'), burst429());

    const events = eventsOf(await (await ask(upstream)).text());

    expect(events.map(({ type }) => type)).toEqual(['response.created', 'response.in_progress', 'response.failed']);
    expect(events[2]?.response).toMatchObject({ error: { code: 'server_is_overloaded' } });
    expect((await ask(upstream)).status).toBe(429);
  });

  it('can be one endless line', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    upstream.replyWith(junkLine(300_000));

    const text = await (await ask(upstream)).text();

    expect(text.length).toBeGreaterThan(300_000);
    expect(text).not.toContain('\n');
  });
});

describe('the record', () => {
  it('holds every model call with its bytes and its headers in order, and nothing of other routes', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    const arriving = upstream.next();
    await (await ask(upstream)).text();
    await fetch(`${upstream.url}/elsewhere`);

    const request = await arriving;

    expect(request.body.toString()).toBe(BODY);
    expect(request.header('Content-Type')).toBe('application/json');
    expect(request.headers.map(([name]) => name)).toEqual(expect.arrayContaining(['authorization', 'content-type']));
    expect(upstream.received).toEqual([request]);
    expect(upstream.count('other')).toBe(1);
  });

  it('says when the client went away in mid-stream', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    const held = hold();
    upstream.replyWith(held);
    const client = new AbortController();
    const response = await ask(upstream, 'any', { signal: client.signal });
    await held.text('Hel');
    const request = await held.opened;

    client.abort();
    await request.aborted;

    expect(request.abortedAtMs).toBeGreaterThanOrEqual(request.receivedAtMs);
    expect(response.status).toBe(200);
  });

  it('stays empty when nothing is to be kept, but counts on', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true, keepBodies: false });

    await (await ask(upstream)).text();
    await (await ask(upstream)).text();

    expect(upstream.received).toEqual([]);
    expect(upstream.count('responses')).toBe(2);
  });
});

describe('a script', () => {
  it('can hold a stream until the test lets it go on', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    const held = hold();
    upstream.replyWith(held);
    const text = ask(upstream).then((response) => response.text());

    await held.start();
    await held.text('Now.');
    await held.finish();

    const events = eventsOf(await text);
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_text.delta',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  it('can keep the headers back until it is released', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    const hanging = hang();
    upstream.replyWith(hanging);
    const answered = ask(upstream).then((response) => response.text());

    await hanging.opened;
    hanging.release(say('At last.'));

    expect(await answered).toContain('At last.');
  });

  it('can refuse the first call only', async () => {
    const upstream = await startUpstream({ acceptAnyToken: true });
    upstream.script = unauthorizedOnce(() => say('Welcome.'));

    expect([(await ask(upstream)).status, (await ask(upstream)).status]).toEqual([401, 200]);
  });
});
