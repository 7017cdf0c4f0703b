import { randomUUID } from 'node:crypto';
import { sampleCall, sampleSettlement } from '../../test/support/sample-calls.js';
import { HeldSettlements } from './held-settlements.js';
import { settlementRecord } from './records.js';

const record = () => settlementRecord(sampleSettlement(sampleCall()), randomUUID());

describe('HeldSettlements', () => {
  const small = () => new HeldSettlements({ held: 3, batch: 2, write: 2 });

  it('drops a new settlement, and counts it, when everything it holds waits for Postgres', () => {
    const held = small();
    held.toWrite([record(), record(), record()]);
    expect([held.put(record()), held.size, held.takeDropped(), held.takeDropped()]).toEqual([false, 3, 1, 0]);
  });

  it('rather stops looking for the oldest one that the queue has', () => {
    const held = small();
    const [oldest, newer, batched, next] = [record(), record(), record(), record()];
    held.handedOver([oldest, newer], 0);
    held.put(batched);
    expect([held.put(next), held.takeDropped()]).toEqual([true, 0]);
    expect(held.takeAll()).toEqual([newer, batched, next]);
  });

  it('gives what waits for Postgres oldest first, until it is forgotten', () => {
    const held = small();
    const records = [record(), record(), record()];
    held.toWrite(records);
    expect(held.nextToWrite()).toEqual(records.slice(0, 2));
    held.forget(new Set(records.slice(0, 2).map(({ id }) => id)));
    expect(held.nextToWrite()).toEqual(records.slice(2));
  });

  it('is due for a look in the ledger after ten seconds with the queue', () => {
    const held = small();
    const [early, late] = [record(), record()];
    held.handedOver([early], 1_000);
    held.handedOver([late], 1_001);
    expect(held.dueForConfirmation(10_999)).toEqual([]);
    expect(held.dueForConfirmation(11_000)).toEqual([early]);
  });
});
