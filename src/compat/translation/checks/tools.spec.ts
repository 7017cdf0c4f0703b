import { refusalOf } from '../../../../test/support/refusal.js';
import { checkedToolChoice } from './tool-choice.js';
import { checkedTools } from './tools.js';

const search = { type: 'function', name: 'search', parameters: { type: 'object', properties: {} } };
const patch = { type: 'custom', name: 'patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } };
const space = { type: 'namespace', name: 'mcp__git', description: 'Git', tools: [search, patch] };
const strict = { type: 'object', properties: { a: { type: 'null' } }, required: ['a'], additionalProperties: false };
const check = (...tools: readonly unknown[]) => checkedTools(tools, { repairs: true });
const refused = (...tools: readonly unknown[]) => refusalOf(() => check(...tools));

describe('the tools of a request', () => {
  it.each([
    ['a function', search],
    ['a strict function', { ...search, strict: true, parameters: strict }],
    ['a custom tool with a grammar', patch],
    ['a custom tool of free text', { type: 'custom', name: 'run', format: { type: 'text' } }],
    ['a namespace', space],
    [
      'a search of the web as Codex CLIs have it',
      { type: 'web_search', external_web_access: true, search_content_types: ['text'] },
    ],
    ['a search of some sites', { type: 'web_search', filters: { allowed_domains: ['example.test'] } }],
    ['the older search', { type: 'web_search_preview' }],
    ['pictures', { type: 'image_generation', model: 'gpt-image-2', size: 'auto', quality: 'high' }],
    ['calls by programs', { type: 'programmatic_tool_calling' }],
    [
      'the search for tools of Codex CLIs',
      { type: 'tool_search', execution: 'client', description: 'Finds', parameters: { type: 'object' } },
    ],
  ])('may be %s', (_, tool) => {
    expect(check(tool).tools).toEqual([tool]);
  });

  it('may be none', () => {
    expect([checkedTools(undefined, { repairs: true }).tools, check().tools]).toEqual([[], []]);
  });

  it('take strict: null for what it means, nothing (trap 21)', () => {
    expect(check({ ...search, strict: null }).tools).toEqual([search]);
  });

  it('take any other null for a mistake (trap 21)', () => {
    expect(refused({ ...search, description: null })).toMatchObject({ code: 'invalid_request', param: 'tools' });
  });

  it('get an empty schema where they have none', () => {
    const bare = { type: 'function', name: 'now' };
    expect(check(bare, { ...bare, name: 'then', strict: true }).tools).toMatchObject([
      { parameters: { type: 'object', properties: {} } },
      { parameters: { type: 'object', properties: {}, required: [], additionalProperties: false } },
    ]);
  });

  it('have schemas that the backend takes, inside namespaces too', () => {
    const given = {
      ...search,
      parameters: { type: 'object', title: 'T', properties: { a: { const: 1, encrypted: true } } },
    };
    const lowered = { ...search, parameters: { type: 'object', properties: { a: { enum: [1] } } } };
    expect(check(given, { ...space, tools: [given] }).tools).toEqual([lowered, { ...space, tools: [lowered] }]);
  });

  it('have strict schemas that say their types, or could: on one of the surfaces', () => {
    const { type: _type, ...untyped } = strict;
    const tool = { ...search, strict: true, parameters: { ...strict, properties: { a: untyped } } };
    expect(check(tool).tools).toMatchObject([{ parameters: { properties: { a: { type: 'object' } } } }]);
    expect(refusalOf(() => checkedTools([tool], { repairs: false }))).toMatchObject({
      code: 'invalid_function_parameters',
      param: 'tools.0.parameters.properties.a.type',
    });
  });

  it('are refused at the very place where a strict schema is wrong (trap 22)', () => {
    const wrong = { ...search, strict: true, parameters: { type: 'object' } };
    expect(refused(patch, { ...space, tools: [wrong] })).toMatchObject({
      code: 'invalid_function_parameters',
      param: 'tools.1.tools.0.parameters.additionalProperties',
    });
  });

  it.each([
    ['what is no list', [{}]],
    ['a remote MCP server', { type: 'mcp', server_url: 'https://example.test' }],
    ['files', { type: 'file_search' }],
    ['a computer', { type: 'computer_use_preview' }],
    ['a kind that every object has', { type: 'constructor' }],
    ['a kind that is no word', { type: { toString: null } }],
    ['no kind', { name: 'a' }],
    ['a function without a name', { type: 'function', parameters: {} }],
    ['a function with a blank name', { ...search, name: ' ' }],
    ['a function as chat completions have it', { type: 'function', function: search }],
    ['parameters that are no object', { ...search, parameters: [] }],
    ['callers that are not known', { ...search, allowed_callers: ['anyone'] }],
    ['a grammar of another kind', { ...patch, format: { type: 'grammar', syntax: 'peg', definition: 'x' } }],
    ['an empty namespace', { ...space, tools: [] }],
    ['a namespace of namespaces', { ...space, tools: [space] }],
    ['a namespace that says nothing', { ...space, description: '' }],
    ['gated access without access', { type: 'web_search', index_gated_web_access: true }],
    [
      'too many sites',
      { type: 'web_search', filters: { blocked_domains: Array.from({ length: 101 }, () => 'a.test') } },
    ],
    ['an address for a site', { type: 'web_search', filters: { allowed_domains: ['https://a.test'] } }],
  ])('must not be %s', (_, tool) => {
    expect(refused(tool)).toMatchObject({ code: 'invalid_request', param: 'tools' });
  });

  it('must not share a name, unless a namespace stands between them', () => {
    const other = { ...space, name: 'mcp__hub' };
    expect(refused(search, { ...patch, name: 'search' })).toMatchObject({ param: 'tools' });
    expect(refused(space, space)).toMatchObject({ param: 'tools' });
    expect(refused(search, space, other)).toBeUndefined();
  });

  it('tell the namespace of every custom tool whose name is its own (trap 30)', () => {
    const run = { type: 'custom', name: 'run' };
    const { declared } = check(run, space, { ...space, name: 'hub', tools: [run, { ...run, name: 'open' }, search] });
    expect([...declared.namespaces]).toEqual([
      ['patch', 'mcp__git'],
      ['open', 'hub'],
    ]);
  });
});

describe('the choice of a tool', () => {
  const { declared } = check(
    search,
    { ...patch, defer_loading: true },
    { ...space, tools: [{ ...search, name: 'inner' }] },
    { type: 'web_search' },
  );
  const choose = (choice: unknown) => checkedToolChoice(choice, declared);

  it.each([
    'auto',
    'none',
    'required',
    { type: 'function', name: 'search' },
    { type: 'custom', name: 'patch' },
    { type: 'function', name: 'inner' },
    { type: 'web_search' },
    { type: 'image_generation' },
    { type: 'programmatic_tool_calling' },
    {
      type: 'allowed_tools',
      mode: 'auto',
      tools: [{ type: 'web_search' }, { type: 'function', name: 'search' }, { type: 'web_search' }],
    },
  ])('may be %j, and stays as it is', (choice) => {
    expect(choose(choice)).toBe(choice);
  });

  it.each([undefined, null])('may be left to the upstream: %j', (choice) => {
    expect(choose(choice)).toBeUndefined();
  });

  it.each([
    'any',
    7,
    [],
    {},
    { type: 'function' },
    { type: 'function', name: 'unknown' },
    { type: 'custom', name: 'search' },
    { type: 'function', name: 'search', strict: true },
    { type: 'function', function: { name: 'search' } },
    { type: 'file_search' },
    { type: { toString: null } },
    { type: 'web_search', name: 'search' },
    { type: 'allowed_tools', mode: 'none', tools: [{ type: 'web_search' }] },
    { type: 'allowed_tools', mode: 'auto', tools: [] },
    { type: 'allowed_tools', mode: 'auto', tools: [null] },
    { type: 'allowed_tools', mode: 'auto', tools: [{ type: { toString: null } }] },
    { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'custom', name: 'patch' }] },
    { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'inner' }] },
  ])('must not be %j', (choice) => {
    expect(refusalOf(() => choose(choice))).toMatchObject({ code: 'invalid_request', param: 'tool_choice' });
  });
});
