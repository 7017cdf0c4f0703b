import { randomUUID } from 'node:crypto';
import { sampleCall, sampleSettlement } from '../../test/support/sample-calls.js';
import { HeldSettlements } from './held-settlements.js';
import { settlementRecord } from './records.js';

const record = () => settlementRecord(sampleSettlement(sampleCall()), randomUUID());
const ids = (count: number) => Array.from({ length: count }, () => sampleCall().callId);

describe('HeldSettlements', () => {
  const small = () => new HeldSettlements({ records: 3, ids: 3, batch: 2, write: 2 });

  it('drops a new settlement, and counts it, when as many as it may hold wait for Postgres', () => {
    const held = small();
    for (const one of [record(), record(), record()]) held.put(one);
    expect([held.put(record()), held.size, held.takeDropped(), held.takeDropped()]).toEqual([false, 3, 1, 0]);
  });

  it('gives what waits for the outbox oldest first, and forgets it once it is kept', () => {
    const held = small();
    const records = [record(), record(), record()];
    for (const one of records) held.put(one);
    expect(held.nextToKeep()).toEqual(records.slice(0, 2));
    held.kept(records.slice(0, 2));
    expect([held.nextToKeep(), held.size]).toEqual([records.slice(2), 1]);
  });

  it('knows of what is kept only the ids, of those that are to be settled here oldest first', () => {
    const held = small();
    const [a, b, c] = ids(3);
    held.toSettle([a, b, c].flatMap((id) => id ?? []));
    expect(held.nextToSettle()).toEqual([a, b]);
    held.settled([a, b].flatMap((id) => id ?? []));
    expect(held.nextToSettle()).toEqual([c]);
  });

  it('forgets the oldest ids when there are too many: the workers find them in the outbox', () => {
    const held = small();
    const many = ids(5);
    held.handedOver(many, 0);
    expect(held.withTheQueue()).toEqual(many.slice(2));
    held.toSettle(many);
    expect([held.withTheQueue(), held.nextToSettle()]).toEqual([[], many.slice(2, 4)]);
  });

  it('takes a call for lost after ten seconds with the queue', () => {
    const held = small();
    const [early, late] = [ids(1), ids(1)];
    held.handedOver(early, 1_000);
    held.handedOver(late, 1_001);
    expect(held.overdue(10_999)).toEqual([]);
    expect(held.overdue(11_000)).toEqual(early);
  });
});
