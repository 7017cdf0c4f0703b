import { jsonEvent } from './sse-event.js';
import { SseFramer } from './sse.js';
import { terminalOf } from './terminal.js';
import type { ResponseEvent } from './events.js';

const eventOf = (json: unknown): ResponseEvent => {
  const [event] = jsonEvent(Buffer.from(JSON.stringify(json))).events;
  if (event === undefined) throw new Error('A JSON body is one event.');
  return event;
};
const terminal = (json: unknown) => terminalOf(eventOf(json));
const usage = { input_tokens: 3, output_tokens: 2, total_tokens: 5 };

describe('terminalOf', () => {
  it('reports response, usage, model and tier of a completed response', () => {
    const response = {
      id: 'resp_1',
      status: 'completed',
      error: null,
      usage,
      model: 'gpt-5.5',
      service_tier: 'priority',
    };
    expect(terminal({ type: 'response.completed', response })).toEqual({
      outcome: 'completed',
      response,
      usage,
      model: 'gpt-5.5',
      serviceTier: 'priority',
    });
  });

  it.each([
    ['response.completed', { type: 'response.completed', response: { id: 'resp_1' } }],
    ['response.completed with empty errors', { type: 'response.completed', error: null, response: { error: null } }],
    [
      'response.completed that says so itself',
      { type: 'response.completed', response: { status: 'completed', error: {} } },
    ],
    ['response.done', { type: 'response.done', response: { id: 'resp_1', status: 'completed' } }],
    ['a bare response', { id: 'resp_1', output: [], error: null }],
    ['a bare response without an id', { output: [{ type: 'compaction' }] }],
    ['a bare response without output', { id: 'resp_1', object: 'response', status: 'completed' }],
    ['a wrapped response without a type', { response: { id: 'resp_1', status: 'completed' } }],
  ])('takes %s as completed', (_, json) => {
    expect(terminal(json)?.outcome).toBe('completed');
  });

  it('takes response.incomplete as an answer, with its usage (trap 8)', () => {
    const response = {
      id: 'resp_1',
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      error: null,
      usage,
    };
    expect(terminal({ type: 'response.incomplete', response })).toEqual({ outcome: 'incomplete', response, usage });
    expect(terminal({ response })?.outcome).toBe('incomplete');
  });

  it('takes response.incomplete with an error code as a failure, with its usage all the same (trap 8)', () => {
    const response = { status: 'incomplete', error: { code: 'content_policy' }, usage };
    expect(terminal({ type: 'response.incomplete', response })).toMatchObject({
      outcome: 'failed',
      errorCode: 'content_policy',
      usage,
    });
  });

  it.each([
    ['response.failed', { type: 'response.failed', response: { id: 'resp_1', status: 'failed' } }],
    ['an error without anything in it', { type: 'error', status_code: 429, error: {} }],
    ['a typeless error', { error: { message: 'no' } }],
    ['a typeless detail', { detail: 'Unauthorized' }],
    ['a done response that failed', { type: 'response.done', response: { status: 'failed' } }],
    ['a cancelled response', { response: { id: 'resp_1', status: 'cancelled' } }],
    [
      'a completed event whose response only has an error',
      { type: 'response.completed', response: { error: { code: 'x' } } },
    ],
  ])('takes %s as failed', (_, json) => {
    expect(terminal(json)?.outcome).toBe('failed');
  });

  it('reads the nested code before the outer ones (trap 19)', () => {
    const json = {
      type: 'response.failed',
      code: 'c',
      error: { code: 'b' },
      response: { error: { code: 'context_length_exceeded' } },
    };
    expect(terminal(json)?.errorCode).toBe('context_length_exceeded');
    expect(terminal({ ...json, response: { error: null } })?.errorCode).toBe('b');
    expect(terminal({ ...json, response: null, error: null })?.errorCode).toBe('c');
  });

  it('lets no provider text through as a code (trap 19)', () => {
    for (const code of ['see https://host/x', 'x'.repeat(81), '', 'a\nb', 7, null, { code: 'x' }]) {
      expect(terminal({ type: 'error', error: { code, type: code } })).toEqual({ outcome: 'failed' });
    }
  });

  it('reports the type of an error that has no code', () => {
    expect(terminal({ type: 'error', status: 429, error: { type: 'usage_limit_reached' } })).toEqual({
      outcome: 'failed',
      errorType: 'usage_limit_reached',
      status: 429,
    });
  });

  it('reads the status of a wrapped failure, and only a status that says failure', () => {
    expect(terminal({ type: 'error', status_code: 429, error: {} })?.status).toBe(429);
    expect(terminal({ type: 'error', status: 200, error: {} })).toEqual({ outcome: 'failed' });
    expect(terminal({ type: 'error', status: '503', error: {} })).toEqual({ outcome: 'failed' });
  });

  it.each([
    ['a delta', { type: 'response.output_text.delta', delta: 'x', error: { code: 'x' } }],
    ['an object that is no response', { object: 'list', data: [] }],
    ['an object that only has an id', { id: 'evt_1' }],
    ['a response still in progress', { response: { id: 'resp_1', status: 'in_progress' } }],
    ['a queued bare response', { id: 'resp_1', output: [], status: 'queued' }],
    ['an empty response', { response: {} }],
    ['an array', [{ output: [] }]],
    ['null', null],
  ])('sees no terminal in %s', (_, json) => {
    expect(terminal(json)).toBeUndefined();
  });

  it('does not parse events of other types', () => {
    const json = jest.fn();
    expect(terminalOf({ type: 'response.output_text.delta', raw: Buffer.alloc(0), json })).toBeUndefined();
    expect(json).not.toHaveBeenCalled();
  });

  it('never takes half an answer for a finished one', () => {
    const framer = new SseFramer();
    framer.push(Buffer.from('event: response.completed\ndata: {"type":"response.completed","response":{"id":"re'));
    expect(framer.end()?.events.map(terminalOf)).toEqual([undefined]);
  });

  it('takes an error event that is not JSON as failed', () => {
    const batch = new SseFramer().push(Buffer.from('event: error\ndata: upstream exploded\n\n'));
    expect(batch?.events.map(terminalOf)).toEqual([{ outcome: 'failed' }]);
  });
});
