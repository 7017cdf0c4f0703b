import { mayMoveOn } from '../../src/exchange/failover.js';
import { RetryBudget } from '../../src/exchange/retry-budget.js';
import { LeaseTable } from '../../src/platform/shared-state/lease-table.js';
import { callFor } from '../../src/routing/continuity/call-for.js';
import { pinOf, rivalOf } from '../../src/routing/continuity/pin.js';
import { route } from '../../src/routing/policy/route.js';
import { refusalOf, soonestClear } from '../../src/routing/refusal.js';
import { burstAfter } from '../../src/upstream/health/burst.js';
import { admit, failed, neutral, openedAtOnce, shut, succeeded } from '../../src/upstream/health/circuit.js';
import { Permit } from '../../src/upstream/health/permit.js';
import { quotaCameBack } from '../../src/upstream/health/quota-came-back.js';
import { withReport } from '../../src/upstream/quota/account-evidence.js';

/** The code under test: every rule that a schedule goes through. */
export const REAL = {
  route,
  pinOf,
  rivalOf,
  callFor,
  refusalOf,
  soonestClear,
  withReport,
  quotaCameBack,
  burstAfter,
  circuit: { admit, failed, neutral, openedAtOnce, shut, succeeded },
  mayMoveOn,
  permit: (...args: ConstructorParameters<typeof Permit>): Permit => new Permit(...args),
  retryBudget: (): Pick<RetryBudget, 'called' | 'answered' | 'retryAfterMs'> => new RetryBudget(),
  leaseTable: (): Pick<LeaseTable, 'acquire' | 'renew' | 'release' | 'held' | 'size'> => new LeaseTable(),
};

export type Subject = typeof REAL;
