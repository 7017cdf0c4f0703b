import { refusalOf } from '../../../test/support/refusal.js';
import type { AccountId } from '../../core/index.js';
import { MAX_REFERENCES, referencesIn, referredInput, withReferred } from './stored-references.js';

const ALICE = 'alice' as AccountId;
const BOB = 'bob' as AccountId;
const reference = (id: unknown) => ({ type: 'item_reference', id });
const user = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] };

describe('references of an input', () => {
  it('are found with their places', () => {
    expect(referencesIn({ input: [reference('rs_1'), user, reference('msg_1')] })).toEqual([
      { id: 'rs_1', path: 'input[0]' },
      { id: 'msg_1', path: 'input[2]' },
    ]);
    expect(referencesIn({ input: reference('rs_1') })).toEqual([{ id: 'rs_1', path: 'input[0]' }]);
  });

  it.each([undefined, null, 'text', 7, [null, 1, [], {}], [reference(1), reference(''), reference(null)]])(
    'are not in %j',
    (input) => {
      expect(referencesIn({ input })).toEqual([]);
    },
  );

  it('are at most 500', () => {
    const input = Array.from({ length: MAX_REFERENCES }, (_, n) => reference(`msg_${n}`));
    expect(referencesIn({ input })).toHaveLength(500);
    const refused = refusalOf(() => referencesIn({ input: [...input, reference('msg')] }));
    expect(refused).toMatchObject({ code: 'invalid_request', param: 'input' });
  });
});

describe('what an input refers to', () => {
  const call = {
    id: 'fc_1',
    type: 'function_call',
    status: 'completed',
    call_id: 'call_1',
    name: 'f',
    arguments: '{}',
  };
  const reasoning = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'gAAA' };

  it('stands in its place as a client would send it, once (T2)', () => {
    const referred = referredInput(new Map([['fc_1', { accountId: ALICE, item: call }]]), ALICE);
    const sent = { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' };
    const items = [user, reference('fc_1'), user, reference('fc_1'), reference('unknown')];
    expect(withReferred(items, referred)).toEqual([user, sent, user, reference('unknown')]);
  });

  it('has no reasoning of another account than the one that goes on (T27)', () => {
    const found = new Map([['rs_1', { accountId: ALICE, item: reasoning }]]);
    const { id: _id, ...sent } = reasoning;
    expect(referredInput(found, ALICE).get('rs_1')).toEqual([sent]);
    expect(referredInput(found, BOB).get('rs_1')).toEqual([]);
  });
});
