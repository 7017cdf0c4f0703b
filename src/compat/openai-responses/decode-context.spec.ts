import { refusalOf } from '../../../test/support/refusal.js';
import type { Fields } from '../../core/index.js';
import { decodeResponses } from './decode.js';
import type { DecodeContext } from './decoded.js';

const POOL = { defaultModel: 'gpt-5.5' };
const decode = (body: Fields, context: Partial<DecodeContext> = {}) =>
  decodeResponses(body, { pool: POOL, headers: {}, transport: 'http', ...context });
const refused = (body: Fields, context: Partial<DecodeContext> = {}) => refusalOf(() => decode(body, context));
const hi = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }];

describe('instructions', () => {
  const system = (...texts: readonly string[]) => ({
    role: 'system',
    content: texts.map((text) => ({ type: 'input_text', text })),
  });

  it('take in what the system says in the input, in order', () => {
    const input = [
      system('Rule one.', 'Rule two.'),
      { role: 'user', content: 'Hi' },
      { role: 'system', content: 'Rule three.' },
    ];
    const { wanted, own } = decode({ instructions: 'Be brief.', input });
    expect(wanted).toMatchObject({ input: hi, instructions: 'Be brief.\nRule one.\nRule two.\nRule three.' });
    expect(own).toHaveLength(3);
  });

  it('leave where it is what the prompt’s cache may end at, and what the developer says', () => {
    const marked = { type: 'input_text', text: 'Cached.', prompt_cache_breakpoint: { mode: 'explicit' } };
    const { wanted } = decode({
      input: [
        { role: 'system', content: [{ type: 'text', text: 'Rule.' }, marked] },
        { role: 'developer', content: 'Hint.' },
      ],
    });
    expect(wanted.instructions).toBe('Rule.');
    expect(wanted.input).toEqual([
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Cached.' }] },
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Hint.' }] },
    ]);
  });

  it('are those of the conversation before as well, when the request goes on from it', () => {
    const before = [...decode({ input: [system('Rule.')] }).own, ...hi];
    expect(decode({ input: 'Hi' }, { before }).wanted).toEqual({
      model: 'gpt-5.5',
      instructions: 'Rule.',
      input: [...hi, ...hi],
      fields: {},
    });
  });

  it('are not the model’s own when the developer gives some', () => {
    const { wanted } = decode({ input: [{ role: 'developer', content: 'You are a coding agent.' }, ...hi] });
    expect(wanted.instructions).toBe('You are a helpful assistant.');
  });

  it('are none where a Codex CLI puts them into the input, or the upstream socket holds them', () => {
    const lite = [{ type: 'additional_tools', role: 'developer', tools: [] }, ...hi];
    const headers = { 'x-openai-internal-codex-responses-lite': 'true' };
    expect(decode({ input: lite }, { headers })).toMatchObject({ headers, wanted: { bare: true } });
    expect(decode({ input: 'Hi' }, { headers })).toMatchObject({ headers: {}, wanted: { input: hi } });
    const next = decode({ input: 'Hi', previous_response_id: 'resp_1' }, { transport: 'websocket' });
    expect(next.wanted).toMatchObject({ bare: true });
  });
});

describe('what an input refers to', () => {
  const reference = { type: 'item_reference', id: 'msg_1' };
  const output = { type: 'function_call_output', call_id: 'c', output: 'ok' };

  it('is held by the upstream socket alone (trap 27)', () => {
    const body = { input: [reference, output], previous_response_id: 'resp_1' };
    expect(decode(body, { transport: 'websocket' }).wanted.input).toEqual([reference, output]);
    expect(refused(body)).toMatchObject({ code: 'invalid_request', param: 'input' });
    expect(refused({ input: [reference, output] }, { transport: 'websocket' })).toMatchObject({ param: 'input' });
  });

  it('needs the result of a tool beside it', () => {
    const body = { input: [reference, ...hi], previous_response_id: 'resp_1' };
    expect(refused(body, { transport: 'websocket' })).toMatchObject({ code: 'invalid_request', param: 'input' });
  });
});

describe('a compaction trigger', () => {
  const trigger = { type: 'compaction_trigger' };

  it('folds what stands before it (trap 36)', () => {
    expect(decode({ input: [...hi, trigger] }).folds).toBe(true);
    expect(decode({ input: [trigger] }, { before: hi }).folds).toBe(true);
    const next = { input: [trigger], previous_response_id: 'resp_1' };
    expect(decode(next, { transport: 'websocket' }).folds).toBe(true);
  });

  it.each([
    [[trigger]],
    [[trigger, ...hi]],
    [[...hi, trigger, trigger]],
    [[{ role: 'system', content: 'Rule.' }, trigger]],
  ])('must be the last, once, and after something: %j', (input) => {
    expect(refused({ input })).toMatchObject({ code: 'invalid_request', param: 'input' });
  });
});
