import type { AccountId } from '../../src/core/index.js';
import type { AccountSnapshot } from '../../src/upstream/account-snapshot.js';

/** An account that may serve anything of `gpt-5.5`, of whose quota nothing is known. */
export const anAccount = (id: string, over: Partial<AccountSnapshot> = {}): AccountSnapshot => ({
  id: id as AccountId,
  label: id,
  kind: 'codex',
  status: 'active',
  priority: 0,
  credentialEpoch: 1,
  models: new Set(['gpt-5.5']),
  windows: [],
  meters: [],
  coolingUntilMs: 0,
  lanes: [],
  pulse: { failureShare: 0 },
  openExchanges: 0,
  maxConcurrent: 64,
  createdAtMs: 0,
  ...over,
});
