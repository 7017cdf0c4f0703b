import { modelName } from './model-name.js';
import { subagentHeaders } from './subagent-headers.js';

const AGENT = 'x-openai-subagent';
const MEMGEN = 'x-openai-memgen-request';

describe('what a request says of its sub-agent', () => {
  it.each([
    [{}, {}, {}],
    [{ subagent: 'review' }, {}, { [AGENT]: 'review' }],
    [{}, { [AGENT]: 'compact' }, { [AGENT]: 'compact' }],
    [{ subagent: 'review' }, { [AGENT]: 'compact' }, { [AGENT]: 'review' }],
    [{ memgen_request: true }, {}, { [MEMGEN]: 'true' }],
    [{ memgen_request: false }, { [MEMGEN]: 'true' }, { [MEMGEN]: 'false' }],
    [{}, { [MEMGEN]: 'True' }, { [MEMGEN]: 'true' }],
    [{}, { [MEMGEN]: '0' }, { [MEMGEN]: 'false' }],
    [{}, { [MEMGEN]: 'FALSE' }, { [MEMGEN]: 'false' }],
    [{}, { [MEMGEN]: '' }, { [MEMGEN]: 'false' }],
  ])('in %j and the headers %j is sent as %j (X2, X3)', (body, headers, expected) => {
    expect(subagentHeaders(body, headers)).toEqual(expected);
  });

  it.each([
    [{ subagent: 5 }, 'subagent'],
    [{ subagent: 'a\r\nb: c' }, 'subagent'],
    [{ subagent: 'x'.repeat(201) }, 'subagent'],
    [{ memgen_request: 'yes' }, 'memgen_request'],
  ])('must not be %j', (body, param) => {
    expect(() => subagentHeaders(body, {})).toThrow(
      expect.objectContaining({ code: 'invalid_request', detail: { param } }) as Error,
    );
  });
});

describe('the model that a request names', () => {
  it.each([
    ['gpt-5.5', 'gpt-5.5'],
    [' openai/gpt-5.3-codex ', 'gpt-5.3-codex'],
    [undefined, 'gpt-5.4'],
    ['', 'gpt-5.4'],
  ])('%j is %s (C10, C12)', (given, expected) => {
    expect(modelName(given, { defaultModel: 'gpt-5.4' })).toBe(expected);
  });

  it.each([[undefined], [''], [7], [{}]])('%j is refused without a default', (given) => {
    expect(() => modelName(given, {})).toThrow(
      expect.objectContaining({ code: 'invalid_request', detail: { param: 'model' } }) as Error,
    );
  });
});
