import { fileReferences } from './file-references.js';

const message = (...content: object[]) => ({ type: 'message', role: 'user', content });
const file = (file_id: unknown) => ({ type: 'input_file', file_id });
const image = (file_id: unknown) => ({ type: 'input_image', file_id, detail: 'auto' });

describe('the files that a request refers to', () => {
  it('are those of the parts of its messages, each once', () => {
    const input = [message(file('f1'), { type: 'input_text', text: 'f9' }), message(image('f2'), file('f1'))];
    expect(fileReferences(input)).toEqual(['f1', 'f2']);
  });

  it.each(['function_call_output', 'custom_tool_call_output', 'mcp_tool_call_output'])(
    'are those in what a tool gave back: %s',
    (type) => {
      expect(fileReferences([{ type, call_id: 'c', output: [image('f1')] }])).toEqual(['f1']);
      expect(fileReferences([{ type, call_id: 'c', output: { content: [file('f1')] } }])).toEqual(['f1']);
    },
  );

  it('are found however the request spells the name of the field', () => {
    const input = JSON.parse(String.raw`[{"content":[{"type":"input_file","\u0066ile_id":"f1"}]}]`) as unknown[];
    expect(fileReferences(input)).toEqual(['f1']);
  });

  it('are none where the same name stands for something else', () => {
    const cited = { type: 'output_text', text: '', annotations: [{ type: 'file_citation', file_id: 'f1' }] };
    expect(
      fileReferences([
        { type: 'message', role: 'assistant', content: [cited] },
        { type: 'function_call', arguments: '{"file_id":"f1"}' },
        { type: 'function_call_output', output: '{"type":"input_file","file_id":"f1"}' },
        message(file(null), file(7), { type: 'input_image', image_url: 'data:image/png;base64,AA==' }),
        { file_id: 'f1', content: 'text' },
      ]),
    ).toEqual([]);
  });

  it.each([[[]], [[null, 'text', 7, []]], [[message()]], [[{ content: [[file('f1')]] }]]])(
    'are none in what has no parts: %j',
    (input) => {
      expect(fileReferences(input)).toEqual([]);
    },
  );

  it('are looked for a few levels deep, whatever is nested', () => {
    let nested: object = file('f1');
    for (let level = 0; level < 10_000; level += 1) nested = { content: nested };
    expect(fileReferences([nested])).toEqual([]);
  });
});
