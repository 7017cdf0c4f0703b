import { RecordedRequest } from './recorded-request.js';
import { directives } from './directives.js';
import { StreamReply } from './stream-reply.js';

const user = (text: string): object => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
const context = user('<environment_context> <cwd>/w</cwd> </environment_context>');
const TOOL = '[[tool {"cmd":"echo ping-42"}]]';

interface Answered {
  readonly output: { readonly type: string; readonly name?: string; readonly content?: { readonly text: string }[] }[];
}

function answered(body: object): Answered['output'][number] | undefined {
  const request = new RecordedRequest({
    route: 'responses',
    ordinal: 1,
    method: 'POST',
    path: '/',
    query: '',
    headers: [],
    receivedAtMs: 0,
  });
  request.arrived(Buffer.from(JSON.stringify(body)));
  const reply = directives()(request);
  if (!(reply instanceof StreamReply)) throw new Error('The reply is no stream.');
  return (reply.plan.whole?.(request) as Answered).output.at(-1);
}

const textOf = (body: object): string | undefined => answered(body)?.content?.[0]?.text;

describe('directives', () => {
  it('greets a plain prompt and looks past what the client itself puts into the history', () => {
    expect(textOf({ input: [user('Say hi.'), context] })).toContain('"Say hi."');
  });

  it('says the text that it is told to say', () => {
    expect(textOf({ input: [context, user('x [[say Good day to you]] y')] })).toBe('Good day to you');
  });

  it.each([
    ['exec_command', { tools: [{ type: 'function', name: 'exec_command' }] }, 'function_call'],
    ['shell_command', { tools: [{ type: 'function', name: 'shell_command' }] }, 'function_call'],
    ['shell', { tools: [{ type: 'function', name: 'shell' }] }, 'function_call'],
  ])('calls the shell as %s when that is what the client offers', (name, offer, type) => {
    expect(answered({ ...offer, input: [user(TOOL)] })).toMatchObject({ type, name });
  });

  it('calls the freeform exec tool of a lite model, whose tools are an item of the input', () => {
    const tools = [{ type: 'namespace', name: 'functions', tools: [{ type: 'custom', name: 'exec' }] }];
    const input = [{ type: 'additional_tools', tools }, user(TOOL), { type: 'configuration_update' }];

    expect(answered({ input })).toMatchObject({ type: 'custom_tool_call', name: 'exec' });
  });

  it('repeats the first line of a tool output, bare or in the report of the client', () => {
    const report = 'Chunk ID: 1\nProcess exited with code 0\nOutput:\nping-42\nmore\n';
    const parts = [
      { type: 'input_text', text: 'Script completed\nOutput:\n' },
      { type: 'input_text', text: 'ping-42\n' },
    ];
    const after = (type: string, output: unknown): object => ({ input: [user(TOOL), { type, output }] });

    expect(textOf(after('function_call_output', report))).toBe('TOOL_OK ping-42');
    expect(textOf(after('custom_tool_call_output', parts))).toBe('TOOL_OK ping-42');
    expect(textOf(after('function_call_output', 'ping-42'))).toBe('TOOL_OK ping-42');
  });

  it('takes an old tool output for what it is once the user has said something new', () => {
    const input = [user(TOOL), { type: 'function_call_output', output: 'old' }, user('[[say new]]')];

    expect(textOf({ input })).toBe('new');
  });

  it('follows the schema of the request', () => {
    const schema = { type: 'object', properties: { answer: { type: 'string' }, n: { type: 'integer' } } };
    const body = { input: [user('Answer.')], text: { format: { type: 'json_schema', schema } } };

    expect(JSON.parse(textOf(body) ?? '')).toEqual({ answer: 'simulated', n: 42 });
  });

  it('calls any function tool that it is told to call', () => {
    const body = { input: [user('Do it. [[call add {"a":1,"b":[2]}]]')], tools: [{ type: 'function', name: 'add' }] };

    expect(answered(body)).toMatchObject({ type: 'function_call', name: 'add', arguments: '{"a":1,"b":[2]}' });
    expect(answered({ input: [user('[[call now]]')] })).toMatchObject({ name: 'now', arguments: '{}' });
  });

  it('asks for the weather when a tool knows it and the prompt speaks of it', () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const tools = [{ type: 'function', name: 'get_weather', parameters }];

    expect(answered({ tools, input: [user('What is the weather like?')] })).toMatchObject({
      name: 'get_weather',
      arguments: '{"city":"simulated"}',
    });
    expect(answered({ tools, input: [user('Say hi.')] })).toMatchObject({ type: 'message' });
  });

  it('draws a picture when it is told to, or when nothing but a picture will do', () => {
    expect(answered({ input: [user('[[picture]]')] })).toMatchObject({ type: 'image_generation_call' });
    expect(answered({ input: [user('A cat')], tools: [{ type: 'image_generation' }] })).toMatchObject({
      type: 'image_generation_call',
    });
  });

  it('thinks before it answers', () => {
    expect(textOf({ input: [user('[[think Hm.]]')] })).toBe('Thought it through.');
  });

  it('looks past the reminders that a client puts around a prompt and after the outputs of tools', () => {
    const reminder = '<system-reminder>\nSay [[say nothing]]\n</system-reminder>\n';
    const output = { type: 'function_call_output', output: 'ping-42' };

    expect(textOf({ input: [user(`${reminder}[[say Good day]]`)] })).toBe('Good day');
    expect(textOf({ input: [user(TOOL), output, user(reminder)] })).toBe('TOOL_OK ping-42');
  });

  it('counts images and turns', () => {
    const image = { role: 'user', content: [{ type: 'input_image' }, { type: 'input_text', text: '[[image]]' }] };
    const assistant = { type: 'message', role: 'assistant', content: [] };

    expect(textOf({ input: [context, image] })).toBe('IMAGES_OK 1');
    expect(textOf({ input: [context, user('a'), assistant, user('[[turns]]')] })).toBe('TURNS_OK users=2 assistants=1');
  });

  it('answers a compaction request with exactly one opaque item', () => {
    expect(answered({ input: [user('a'), { type: 'compaction_trigger' }] })).toMatchObject({ type: 'compaction' });
  });
});
