import { answered, brokenOff } from '../../../test/support/answered.js';
import {
  CALL,
  RESPONSE,
  USAGE,
  created,
  text,
  completed,
  incomplete,
  summary,
  raw,
  calledWhole,
  ignored,
  chunksOf,
  streamed,
  told,
  whole,
  choiceOf,
} from '../../../test/support/chat-answers.js';
import { GatewayError, type AccountId } from '../../core/index.js';
import type { Finished } from './completion.js';
import { encodeBody } from './encode-body.js';
import { encodeStream } from './encode-stream.js';

describe('a chat answer', () => {
  const hello = [created, text('Hel'), text('lo'), completed({ service_tier: 'default' })];

  it('is streamed as role, text, finish and [DONE], under one id', async () => {
    const frames = await streamed(answered(...hello));
    const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'gpt-5.4-2026' };
    const chunk = (delta: object, reason: string | null = null) => ({
      ...head,
      choices: [{ index: 0, delta, finish_reason: reason }],
    });
    expect(chunksOf(frames)).toEqual([
      chunk({ role: 'assistant' }),
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo' }),
      { ...chunk({}, 'stop'), service_tier: 'default' },
    ]);
    expect(frames.at(-1)).toBe('data: [DONE]\n\n');
  });

  it('is told whole with its usage', async () => {
    expect(await whole(hello)).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_760_000_000,
      model: 'gpt-5.4-2026',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
      usage: USAGE,
      service_tier: 'default',
    });
  });

  it('has a name, a model and a time also where the upstream gives none', async () => {
    const end = { type: 'response.completed', response: { status: 'completed' } };
    expect(await whole([text('x'), end])).toMatchObject({
      id: `chatcmpl-${CALL.callId}`,
      created: 1_700_000_000,
      model: 'gpt-5.4',
    });
  });

  it('tells its usage in a last chunk without choices, when that was asked for and is known', async () => {
    const [, last, done] = (await streamed(answered(...hello), { includesUsage: true })).slice(-3);
    expect(chunksOf([last ?? ''])).toMatchObject([{ id: 'chatcmpl-1', choices: [], usage: USAGE }]);
    expect(done).toBe('data: [DONE]\n\n');
    const without = await streamed(answered(created, completed({ usage: null })), { includesUsage: true });
    expect(without.join('')).not.toContain('usage');
    expect((await streamed(answered(...hello))).join('')).not.toContain('usage');
    expect(await whole([created, completed({ usage: { input_tokens: 3 } })])).not.toHaveProperty('usage');
  });

  it.each([
    [{ input_tokens: 9, output_tokens: 1, input_tokens_details: { cached_input_tokens: 3 } }, { cached_tokens: 3 }],
    [{ input_tokens: 9, output_tokens: 1, cache_read_input_tokens: 4 }, { cached_tokens: 4 }],
    [
      { input_tokens: 9, output_tokens: 1, input_tokens_details: { cached_tokens: 0, cache_write_tokens: 5 } },
      { cached_tokens: 0, cache_write_tokens: 5 },
    ],
  ])('reads the cached tokens of %j', async (reported, details) => {
    expect(await whole([created, completed({ usage: reported })])).toMatchObject({
      usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10, prompt_tokens_details: details },
    });
  });

  it('tells the one choice n times, in every chunk too (T10)', async () => {
    const chunks = chunksOf(await streamed(answered(...hello), { choices: 2 }));
    expect(chunks.map(({ choices }) => choices.map(({ index }) => index))).toEqual(chunks.map(() => [0, 1]));
    expect(chunks.map(({ choices: [, second] }) => second?.delta['content']).join('')).toBe('Hello');
    expect(await whole(hello, { choices: 2 })).toMatchObject({
      choices: [
        { index: 0, message: { content: 'Hello' } },
        { index: 1, message: { content: 'Hello' }, finish_reason: 'stop' },
      ],
      usage: USAGE,
    });
  });

  it('echoes the metadata of its request, and the upstream’s id where it can be gone on with', async () => {
    const over = { metadata: { k: 'v' }, tellsResponseId: true };
    expect(await whole(hello, over)).toMatchObject({ metadata: { k: 'v' }, response_id: 'resp_1' });
    expect(chunksOf(await streamed(answered(...hello), over))[0]).toMatchObject({ response_id: 'resp_1' });
  });

  it('tells what the model says of its reasoning before what it answers', async () => {
    const events = [created, summary('Let me '), summary('think.'), summary('More.', 1), text('42', 2), completed()];
    expect((await told(events)).slice(1, 5)).toEqual([
      [{ reasoning_content: 'Let me ' }, null],
      [{ reasoning_content: 'think.' }, null],
      [{ reasoning_content: '\n\nMore.' }, null],
      [{ content: '42' }, null],
    ]);
    expect(await choiceOf(events)).toEqual([{ content: '42', reasoning_content: 'Let me think.\n\nMore.' }, 'stop']);
  });

  it('tells raw reasoning under its own name, and whole also where clients look for reasoning', async () => {
    const events = [created, raw('Hm'), raw('m.'), text('42', 1), completed()];
    expect((await told(events)).slice(1, 3)).toEqual([
      [{ reasoning: 'Hm' }, null],
      [{ reasoning: 'm.' }, null],
    ]);
    expect(await choiceOf(events)).toEqual([{ content: '42', reasoning_content: 'Hmm.', reasoning: 'Hmm.' }, 'stop']);
  });

  it('tells a refusal as one', async () => {
    const events = [created, { type: 'response.refusal.delta', output_index: 0, delta: 'No.' }, completed()];
    expect(await choiceOf(events)).toEqual([{ content: null, refusal: 'No.' }, 'stop']);
    expect((await told(events))[1]).toEqual([{ refusal: 'No.' }, null]);
  });

  it.each([
    ['max_output_tokens', 'length'],
    ['content_filter', 'content_filter'],
    ['content-filter', 'content_filter'],
  ])('that was cut for %s finishes with %s', async (reason, finish) => {
    expect(await choiceOf([created, text('Once'), incomplete(reason)])).toEqual([{ content: 'Once' }, finish]);
    expect((await told([created, text('Once'), incomplete(reason)])).at(-1)).toEqual([{}, finish]);
  });

  describe('with stop sequences', () => {
    const events = [
      created,
      text('one ST'),
      text('OP two'),
      calledWhole(1),
      summary('x', 2),
      incomplete('max_output_tokens'),
    ];

    it('ends in front of the first, drops what comes after it and keeps the usage', async () => {
      expect(await choiceOf(events, { stops: ['STOP'] })).toEqual([{ content: 'one ' }, 'stop']);
      expect(await whole(events, { stops: ['STOP'] })).toMatchObject({ usage: USAGE });
      expect((await told(events, { stops: ['STOP'] })).slice(1)).toEqual([
        [{ content: 'one ' }, null],
        [{}, 'stop'],
      ]);
    });

    it('tells what it held back when it was no stop sequence in the end', async () => {
      const over = { stops: ['STOP'] };
      expect((await told([created, text('one ST'), completed()], over)).slice(1)).toEqual([
        [{ content: 'one ' }, null],
        [{ content: 'ST' }, null],
        [{}, 'stop'],
      ]);
    });

    it('still lets its client run the tools that were called before the stop', async () => {
      const before = [created, calledWhole(0), text('xSTOP', 1), completed()];
      expect(await choiceOf(before, { stops: ['STOP'] })).toMatchObject([{ content: 'x' }, 'tool_calls']);
    });
  });

  it('is there to be kept, with who gave it, before its client learns that it is over', async () => {
    const seen: string[] = [];
    const finished: Finished[] = [];
    const keep = (answer: Finished) => {
      finished.push(answer);
      seen.push('kept');
      return Promise.resolve();
    };
    for await (const frame of encodeStream(answered(...hello), CALL, keep)) {
      seen.push(/"finish_reason":"stop"/.test(frame) ? 'finish' : frame === 'data: [DONE]\n\n' ? 'done' : 'chunk');
    }
    expect(seen).toEqual(['chunk', 'chunk', 'chunk', 'kept', 'finish', 'done']);
    const completion = await encodeBody(answered(...hello), CALL, keep);
    expect(finished).toEqual([
      {
        completion,
        response: expect.objectContaining({ id: 'resp_1' }) as unknown,
        accountId: 'account-1' as AccountId,
      },
      finished[0],
    ]);
  });

  it('that breaks off, or fails, never looks finished', async () => {
    const failed = {
      type: 'response.failed',
      response: { ...RESPONSE, error: { code: 'server_error', message: 'm' } },
    };
    const broken = [
      answered(created, text('Hi')),
      answered(created, text('Hi'), failed),
      brokenOff(new GatewayError('stream_interrupted', 'cut'), created, text('Hi')),
    ];
    for (const parts of broken) {
      const frames: string[] = [];
      const read = async () => {
        for await (const frame of encodeStream(parts, CALL, ignored)) frames.push(frame);
      };
      await expect(read()).rejects.toBeInstanceOf(GatewayError);
      expect(frames.join('')).not.toMatch(/"finish_reason":"|DONE/);
      expect(frames.join('')).toContain('Hi');
    }
    await expect(whole([created, text('Hi')])).rejects.toMatchObject({ code: 'stream_interrupted' });
    await expect(whole([created, text('Hi'), failed])).rejects.toMatchObject({ code: 'upstream_response_failed' });
  });

  it('is not disturbed by events that nobody knows', async () => {
    const odd = [{ type: 'codex.rate_limits' }, { type: 'response.new.thing', delta: 7 }, { no: 'type' }];
    expect(await choiceOf([created, ...odd, text('Hi'), ...odd, completed()])).toEqual([{ content: 'Hi' }, 'stop']);
  });
});
