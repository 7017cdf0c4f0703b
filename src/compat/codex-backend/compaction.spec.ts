import { asksForCompaction, withoutTriggers } from './compaction.js';

const trigger = { type: 'compaction_trigger' };
const said = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] };
const output = { type: 'function_call_output', call_id: 'c1', output: 'done' };
const thought = { type: 'reasoning', summary: [], encrypted_content: 'gAAAA' };
const tools = { type: 'additional_tools', role: 'developer', tools: [] };
const effort = { type: 'configuration_update', reasoning: { effort: 'low' } };
const folded = { type: 'compaction', encrypted_content: 'gAAAA' };

const refusal: unknown = expect.objectContaining({ code: 'invalid_request', detail: { param: 'input' } });
const asking = (input: readonly unknown[], continues = false) => {
  try {
    return asksForCompaction(input, continues);
  } catch (thrown) {
    return thrown;
  }
};

describe('a request for compaction', () => {
  it.each([
    ['the conversation', [said, trigger]],
    ['a tool output that goes on from a response', [output, trigger]],
    ['what was folded before', [folded, trigger]],
    ['a tool call in the lite form', [tools, said, effort, { type: 'custom_tool_call', input: 'x' }, output, trigger]],
    ['plain text', [{ role: 'user', content: 'Hello' }, trigger]],
    ['nothing at all', [trigger]],
  ])('ends in one trigger after %s', (_, input) => {
    expect(asking(input)).toBe(true);
  });

  it.each([
    ['no items', []],
    ['one item that is no trigger', [said]],
    ['a message that speaks of one', [{ ...said, content: [{ type: 'input_text', text: 'compaction_trigger' }] }]],
    ['items that are no objects', ['compaction_trigger', null, 7]],
  ])('is not one with %s (trap 36)', (_, input) => {
    expect(asking(input)).toBe(false);
  });

  it.each([
    ['before the end', [said, trigger, said]],
    ['first', [trigger, said]],
    ['twice', [said, trigger, trigger]],
    ['twice and alone', [trigger, trigger]],
    ['after reasoning alone', [thought, trigger]],
    ['after nothing but settings', [tools, effort, trigger]],
    ['after an empty message', [{ type: 'message', role: 'user', content: [] }, trigger]],
    ['after blank text', [{ type: 'message', role: 'user', content: ' ' }, trigger]],
  ])('is refused with a trigger %s (trap 36)', (_, input) => {
    expect(asking(input)).toEqual(refusal);
  });

  it('finds what is to be folded in the response that it goes on from', () => {
    expect(asking([effort, trigger], true)).toBe(true);
    expect(asking([trigger, said], true)).toEqual(refusal);
  });
});

describe('input without its triggers', () => {
  it('is the same input when there are none', () => {
    const input = [said, output];
    expect(withoutTriggers(input)).toBe(input);
    expect(withoutTriggers([trigger, said, trigger])).toEqual([said]);
  });
});
