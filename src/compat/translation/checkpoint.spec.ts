import { checkpointItems, checkpointText } from './checkpoint.js';

const OUTPUT = [
  { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'First [codex-pooler checkpoint v1]\n' }] },
  { type: 'compaction', encrypted_content: 'gAAAA' },
];

describe('checkpoint', () => {
  it('gives back the items that it was made of', () => {
    expect(checkpointItems(checkpointText(OUTPUT))).toEqual(OUTPUT);
  });

  it('leaves out the ids of items, which nobody stored (T2)', () => {
    const given = [{ id: 'cmp_1', type: 'compaction', status: 'completed', encrypted_content: 'gAAAA' }];
    expect(checkpointItems(checkpointText(given))).toEqual([{ type: 'compaction', encrypted_content: 'gAAAA' }]);
  });

  it('is recognised behind white space', () => {
    expect(checkpointItems(`\n  ${checkpointText(OUTPUT)}\n`)).toEqual(OUTPUT);
  });

  it.each(['', 'You are terse.', `Said: ${checkpointText(OUTPUT)}`, JSON.stringify(OUTPUT)])(
    'leaves %j alone: it is another text',
    (text) => {
      expect(checkpointItems(text)).toBeUndefined();
    },
  );

  it.each(['', '\n', '\n[', '\n[]', '\n{}', '\n[1,null]', '\n"x"'])('refuses one that ends as %j', (rest) => {
    expect(() => checkpointItems(`[codex-pooler checkpoint v1]${rest}`)).toThrow(
      expect.objectContaining({ code: 'invalid_request', detail: { param: 'messages' } }) as Error,
    );
  });
});
