import { anchorDigest, type AccountId } from '../../core/index.js';
import { accountFor, cacheKeyIn, goesOnFrom } from './sealed-items.js';

const ALICE = 'alice' as AccountId;
const said = { type: 'message', role: 'user', content: [] };
const reasoning = (content = 'gAAA') => ({ type: 'reasoning', summary: [], encrypted_content: content });
const folded = (content = 'gAAA') => ({ type: 'compaction', encrypted_content: content });

const kinds = (input: readonly unknown[]) => goesOnFrom(input).anchors?.map(({ kind }) => kind);

describe('a conversation that goes on from an account', () => {
  it('prefers it, and can go on elsewhere without its reasoning (T27)', () => {
    expect(accountFor(ALICE, [said])).toEqual({ id: ALICE, required: false });
    expect(accountFor(ALICE, [said, reasoning()])).toEqual({ id: ALICE, required: false });
  });

  it('stays with it when it is folded: nothing would be left of it', () => {
    expect(accountFor(ALICE, [folded(), said])).toEqual({ id: ALICE, required: true });
  });

  it.each([
    [null, 1, 'x', []],
    [{ type: 'compaction' }, { encrypted_content: 1 }],
  ])('is what can be made of %j', (...input) => {
    expect(accountFor(ALICE, input).required).toBe(false);
  });
});

describe('what a request goes on from', () => {
  it('is what is sealed in it, the newest first', () => {
    expect(goesOnFrom([said, reasoning('a'), said, reasoning('b')])).toEqual({
      anchors: [
        { kind: 'reasoning', digest: anchorDigest('b') },
        { kind: 'reasoning', digest: anchorDigest('a') },
      ],
      sealed: 'reasoning',
    });
  });

  it.each([folded(), { type: 'compaction_summary', encrypted_content: 'gAAA' }])(
    'is more than reasoning when its conversation was folded: %j',
    (item) => {
      expect(goesOnFrom([item, reasoning('b')])).toMatchObject({ sealed: 'conversation' });
    },
  );

  it('is an earlier response that it names', () => {
    expect(goesOnFrom([said], 'resp_1')).toEqual({ anchors: [{ kind: 'response', digest: anchorDigest('resp_1') }] });
  });

  it.each([
    [[], undefined],
    [[said], null],
    [[{ type: 'reasoning', encrypted_content: '' }, { type: 'reasoning', encrypted_content: null }, 1, null], ' '],
    [[{ type: 'agent_message', content: [{ type: 'encrypted_content', encrypted_content: 'gAAA' }] }], ''],
  ])('is nothing in %j with %j', (input, responseId) => {
    expect(goesOnFrom(input, responseId)).toEqual({});
  });

  it('is of many sealed items the newest, and the folded conversation, however old that is', () => {
    const many = Array.from({ length: 30 }, (_, n) => reasoning(`item ${n}`));
    const { anchors } = goesOnFrom([folded('old'), folded('f'), ...many]);
    expect(anchors).toHaveLength(8);
    expect(anchors?.at(0)?.digest).toBe(anchorDigest('item 29'));
    expect(anchors?.at(-1)).toEqual({ kind: 'conversation', digest: anchorDigest('f') });
    expect(kinds(many)).toEqual(Array.from({ length: 8 }, () => 'reasoning'));
  });
});

it.each([
  [' k ', { cacheKey: 'k' }],
  ['', {}],
  [undefined, {}],
  [5, {}],
])('a prompt cache key in %j', (given, key) => {
  expect(cacheKeyIn(given)).toEqual(key);
});
