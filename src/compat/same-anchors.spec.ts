import { anchorDigest, asFields, type AccountId, type PoolId } from '../core/index.js';
import { SealedThinking, type Sealer } from './anthropic-messages/sealed-thinking.js';
import { decodeItem } from './openai-responses/decode-item.js';
import { goesOnFrom } from './translation/sealed-items.js';

const ITEM = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA_-x=' };
const plain: Sealer = { seal: (text) => Buffer.from(text), open: (sealed) => sealed.toString() };

/** How a client of each protocol has reasoning, and what it is when it comes back. */
const ROUND_TRIPS: readonly (readonly [string, () => readonly unknown[]])[] = [
  ['Codex', () => [ITEM]],
  ['Responses', () => decodeItem(ITEM, 'input')],
  [
    'Messages',
    () => {
      const box = new SealedThinking(plain, 'pool' as PoolId);
      return [box.open(box.seal(ITEM, 'alice' as AccountId))?.item];
    },
  ],
];

it.each(ROUND_TRIPS)('reasoning that a client of %s brings back is known by what the answer showed', (_, back) => {
  const items = back();
  expect(asFields(items[0])?.['encrypted_content']).toBe(ITEM.encrypted_content);
  expect(goesOnFrom(items)).toEqual({
    anchors: [{ kind: 'reasoning', digest: anchorDigest(ITEM.encrypted_content) }],
    sealed: 'reasoning',
  });
});
