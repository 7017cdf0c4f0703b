import type { KeyId, PoolId, RouteClass } from '../../src/core/index.js';
import { MemorySharedState, type SharedState } from '../../src/platform/shared-state/index.js';
import { AccountLeases } from '../../src/routing/admission/account-leases.service.js';
import { AdmissionService } from '../../src/routing/admission/admission.service.js';
import { LeaseHolder } from '../../src/routing/admission/lease-holder.service.js';
import type { IncomingCall, IncomingCaller } from '../../src/routing/admission/places.js';
import { WaitingLine } from '../../src/routing/admission/waiting-line.service.js';

export interface AdmissionOptions {
  readonly shared?: SharedState;
  readonly holder?: LeaseHolder;
  readonly limits?: Partial<Record<RouteClass, number>>;
  readonly queueSize?: number;
  readonly queueWaitMs?: number;
}

const MANY = 1_000;

/** Admission as one process has it. */
export function anAdmission({ limits, queueSize = MANY, queueWaitMs = 10_000, ...given }: AdmissionOptions = {}) {
  const shared = given.shared ?? new MemorySharedState(() => performance.now());
  const holder = given.holder ?? new LeaseHolder(shared);
  const everywhere = { stream: MANY, websocket: MANY, compact: MANY, images: MANY };
  const rest = { audio: MANY, files: MANY, realtime: MANY, relay: MANY };
  const config = {
    QUEUE_SIZE: queueSize,
    QUEUE_WAIT_MS: queueWaitMs,
    ROUTE_CLASS_LIMITS: { ...everywhere, ...rest, ...limits },
  };
  const line = new WaitingLine(config, holder);
  return {
    shared,
    holder,
    admission: new AdmissionService(holder, line, config),
    accounts: new AccountLeases(holder, line),
  };
}

export const A_TURN: IncomingCall = { operation: 'responses', transport: 'http' };

export const aCaller = (
  key: string,
  { pool = 'pool', poolLimit, ...own }: { pool?: string; poolLimit?: number; maxConcurrent?: number } = {},
): IncomingCaller => ({
  keyId: key as KeyId,
  ...own,
  pool: { id: pool as PoolId, routing: poolLimit === undefined ? {} : { maxConcurrent: poolLimit } },
});

/** Lets everything run on that waits for nothing but its turn in this process. */
export const settled = (): Promise<void> => new Promise((done) => setImmediate(done));
