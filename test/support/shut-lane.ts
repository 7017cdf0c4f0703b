import type { AccountSnapshot, Lane } from '../../src/upstream/account-snapshot.js';
import { isLane, laneKeyOf, WHOLE_ACCOUNT, type Work } from '../../src/upstream/health/lane-key.js';

/**
 * The lane that keeps a call off the account now: it is open, or another call is trying it. `undefined`: the call may go,
 * be it as the one that tries.
 *
 * @param nowMs Unix time in milliseconds
 */
export function shutLane(
  account: Pick<AccountSnapshot, 'models' | 'lanes'>,
  call: Work,
  nowMs: number,
): Lane | undefined {
  if (account.lanes.length === 0) return undefined;
  const own = laneKeyOf(account, call);
  return account.lanes.find(
    (lane) => (isLane(lane, WHOLE_ACCOUNT) || isLane(lane, own)) && (lane.untilMs > nowMs || lane.probing),
  );
}
