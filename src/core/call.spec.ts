import { anchorDigest } from './anchor.js';
import { CallBody } from './call.js';

const reasoning = (content: string) => ({ type: 'reasoning', summary: [], encrypted_content: content });
const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' };
const output = { type: 'function_call_output', call_id: 'c', output: 'done' };
const folded = { type: 'compaction', encrypted_content: 'folded' };

const bodyOf = (...input: unknown[]) => new CallBody(Buffer.from(JSON.stringify({ model: 'm', input, n: [1.5, 'ü'] })));
const itemsOf = (body: CallBody) => (JSON.parse(body.bytes.toString()) as { input: unknown[] }).input;

describe('a body with something sealed in it', () => {
  it('is made once more without reasoning, and with everything else', () => {
    const body = bodyOf(folded, reasoning('a'), call, output, reasoning('b'));
    const whole = JSON.parse(body.bytes.toString()) as object;
    const open = body.unsealed();
    expect(JSON.parse(open.bytes.toString())).toEqual({ ...whole, input: [folded, call, output] });
    expect(body.unsealed()).toBe(open);
    expect(itemsOf(body)).toHaveLength(5);
  });

  it('keeps its reasoning from the first item that the new account made', () => {
    const body = bodyOf(reasoning('a'), call, reasoning('b'), output, reasoning('c'));
    const since = [anchorDigest('c'), anchorDigest('b')];
    expect(itemsOf(body.unsealed(since))).toEqual([call, reasoning('b'), output, reasoning('c')]);
    expect(itemsOf(body.unsealed([anchorDigest('else')]))).toEqual([call, output]);
    expect(itemsOf(bodyOf(reasoning('a'), folded, reasoning('b')).unsealed([anchorDigest('folded')]))).toEqual([
      folded,
      reasoning('b'),
    ]);
  });

  it('is given up in both forms', () => {
    const body = bodyOf(reasoning('a'));
    const open = body.unsealed();
    body.release();
    expect(() => body.bytes).toThrow('released');
    expect(() => open.bytes).toThrow('released');
    expect(() => body.unsealed()).toThrow('released');
  });

  it.each([
    ['no reasoning', JSON.stringify({ input: [folded, call] })],
    ['no input', '{}'],
    ['no JSON', '--form'],
    ['a list', '[]'],
    ['items that are none', JSON.stringify({ input: [null, 1, 'x', []] })],
  ])('is the same to everybody when it has %s', (_, text) => {
    const body = new CallBody(Buffer.from(text));
    expect(body.unsealed()).toBe(body);
    expect(body.unsealed([anchorDigest('a')])).toBe(body);
    body.release();
    expect(() => body.bytes).toThrow('released');
  });
});
