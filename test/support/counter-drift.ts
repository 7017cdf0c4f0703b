import { driftOf } from '../../src/accounting/limits/drift.js';
import { counterKey } from '../../src/accounting/limits/limit-scope.js';
import { LimitStore } from '../../src/accounting/limits/limit-store.service.js';
import { LimitTruthRepository } from '../../src/accounting/limits/limit-truth.repository.js';
import type { KeyId } from '../../src/core/index.js';
import { SharedState } from '../../src/platform/shared-state/index.js';
import type { TestGateway } from './gateway.js';

/** What the counter of a key has more or less than the ledger, by day. Nothing is repaired. */
export async function counterDrift(gateway: TestGateway, id: KeyId | undefined): Promise<unknown[]> {
  if (id === undefined) throw new Error('There is no key yet.');
  const key = gateway.get(LimitStore).liveKey(counterKey({ scope: 'key', id })) ?? '';
  const [counter] = await gateway.get(SharedState).counters.contents([key]);
  if (counter === undefined) return ['no counter'];
  const truth = await gateway.get(LimitTruthRepository).of({ scope: 'key', id }, Date.now());
  return [...driftOf(counter, truth)].filter(([, { tokens, nanoUsd }]) => tokens !== 0 || nanoUsd !== 0);
}
