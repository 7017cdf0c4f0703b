import { GatewayError, ROUTE_CLASSES, type ErrorCode, type RouteClass } from '../../core/index.js';
import { count, observe, type Readings } from '../../platform/metrics/index.js';

const BUSY: ErrorCode = 'server_is_overloaded';

/**
 * Measures the wait of one call to be let in, without being in its way.
 *
 * @param patienceMs how long it may wait: who was refused before that found no room in the queue
 */
export function measureWait(routeClass: RouteClass, patienceMs: number, entering: Promise<unknown>): void {
  const startedAt = performance.now();
  const labels = { route_class: routeClass };
  const waited = (): number => {
    const waitedMs = performance.now() - startedAt;
    observe('gw_admission_wait_seconds', labels, waitedMs / 1000);
    return waitedMs;
  };
  entering.then(waited, (thrown: unknown) => {
    const late = waited() >= patienceMs;
    if (!(thrown instanceof GatewayError) || thrown.code !== BUSY) return;
    count(late ? 'gw_admission_timeout_total' : 'gw_admission_rejected_total', labels);
  });
}

/** @param running of a class, in this process */
export const admissionReadings = (running: (routeClass: RouteClass) => number, queued: number): Readings => ({
  gw_admission_running: ROUTE_CLASSES.map((each) => ({ labels: { route_class: each }, value: running(each) })),
  gw_admission_queued: [{ labels: {}, value: queued }],
});
