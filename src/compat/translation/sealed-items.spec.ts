import type { AccountId } from '../../core/index.js';
import { accountFor, withoutReasoning } from './sealed-items.js';

const ALICE = 'alice' as AccountId;
const said = { type: 'message', role: 'user', content: [] };
const reasoning = { type: 'reasoning', summary: [], encrypted_content: 'gAAA' };
const folded = { type: 'compaction', encrypted_content: 'gAAA' };

describe('a conversation that goes on from an account', () => {
  it('prefers it, and can go on elsewhere without its reasoning (T27)', () => {
    expect(accountFor(ALICE, [said])).toEqual({ id: ALICE, required: false });
    expect(accountFor(ALICE, [said, reasoning])).toEqual({ id: ALICE, required: false });
    expect(withoutReasoning({ model: 'm', input: [said, reasoning, said], fields: { a: 1 } })).toEqual({
      model: 'm',
      input: [said, said],
      fields: { a: 1 },
    });
  });

  it('stays with it when it is folded: nothing would be left of it', () => {
    expect(accountFor(ALICE, [folded, said])).toEqual({ id: ALICE, required: true });
    expect(withoutReasoning({ model: 'm', input: [folded], fields: {} })).toBeUndefined();
  });

  it.each([
    [null, 1, 'x', []],
    [{ type: 'compaction' }, { encrypted_content: 1 }],
  ])('is what can be made of %j', (...input) => {
    expect(accountFor(ALICE, input).required).toBe(false);
  });
});
