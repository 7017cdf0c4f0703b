import { randomBytes } from 'node:crypto';
import type { AccountId, PoolId } from '../../core/index.js';
import { parseKeyRing, SecretBox } from '../../platform/crypto/index.js';
import { SealedThinking } from './sealed-thinking.js';

const box = new SecretBox(parseKeyRing(`v1:${randomBytes(32).toString('base64')}`));
const thinking = new SealedThinking(box, 'pool-1' as PoolId);
const account = 'account-1' as AccountId;
const item = {
  id: 'rs_1',
  type: 'reasoning',
  encrypted_content: 'gAAAA',
  summary: [{ type: 'summary_text', text: 'Hm.' }],
  status: 'completed',
};

describe('SealedThinking', () => {
  it('gives back the reasoning item without its id, and whose it is (T2)', () => {
    expect(thinking.open(thinking.seal(item, account))).toEqual({
      item: { type: 'reasoning', encrypted_content: 'gAAAA', summary: [{ type: 'summary_text', text: 'Hm.' }] },
      accountId: account,
    });
  });

  it('is never the same twice and shows nothing of what it holds', () => {
    const signature = thinking.seal(item, account);
    expect(signature).not.toBe(thinking.seal(item, account));
    expect(Buffer.from(signature, 'base64').toString('latin1')).not.toContain('gAAAA');
  });

  it('gives nothing to another Pool', () => {
    expect(new SealedThinking(box, 'pool-2' as PoolId).open(thinking.seal(item, account))).toBeUndefined();
  });

  it.each([undefined, null, '', 7, {}, 'sig-abc', 'EqQBCkYIARgC', '%%%', 'A'.repeat(100_000)])(
    'drops %p: it is not ours (C19)',
    (signature) => {
      expect(thinking.open(signature)).toBeUndefined();
    },
  );

  it('gives nothing where there was nothing to send back', () => {
    expect(thinking.open(thinking.seal({}, account))).toBeUndefined();
  });
});
