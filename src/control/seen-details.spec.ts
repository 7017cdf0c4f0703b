import { randomUUID } from 'node:crypto';
import type { PoolId } from '../core/index.js';
import { seenDetails } from './seen-details.js';

const [mine, other] = [randomUUID() as PoolId, randomUUID() as PoolId];
const place = (poolId: PoolId, pool: string) => ({ poolId, pool, priority: 1 });
const details = {
  asked: { account: 'a', pool: 'mine' },
  before: { id: 'a', pools: [place(mine, 'mine'), place(other, 'other')], poolIds: [mine, other] },
  after: { account: { pools: [place(other, 'other')] }, list: [1, null, 'a', [place(other, 'other')]] },
};

describe('the details of an event', () => {
  it('tell who is bound to Pools nothing of the others', () => {
    expect(seenDetails(details, { poolIds: new Set([mine]) })).toEqual({
      asked: { account: 'a', pool: 'mine' },
      before: { id: 'a', pools: [place(mine, 'mine')], poolIds: [mine] },
      after: { account: { pools: [] }, list: [1, null, 'a', []] },
    });
  });

  it('tell everything to who sees all', () => {
    expect(seenDetails(details, {})).toEqual(details);
  });
});
