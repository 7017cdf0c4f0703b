import { z } from 'zod';
import type { OpenCall, OpenCallCount } from '../../accounting/index.js';
import { isoOrNull } from '../instants.js';
import { pageOf } from '../page.js';

/** A call that is being served now. */
const streamView = z.object({
  id: z.uuid().describe('of the call'),
  requestId: z.string(),
  poolId: z.uuid(),
  pool: z.string().describe('slug'),
  keyId: z.uuid(),
  keyLabel: z.string(),
  accountId: z.uuid().nullable().describe('that serves it; null: none was asked yet'),
  account: z.string().nullable(),
  attempts: z.int().describe('how many accounts were asked'),
  dialect: z.string(),
  route: z.string(),
  transport: z.enum(['http_sse', 'http_json', 'websocket']),
  model: z.string(),
  receivedAt: z.iso.datetime(),
  host: z.string().nullable().describe('the machine of the process that serves it; null: it is not known any more'),
  heartbeatAt: z.iso.datetime().nullable().describe('when that process was last heard of'),
});
/** What is being served, and as of when. */
export const streamListView = pageOf(streamView).extend({ at: z.iso.datetime() });

export type StreamView = z.output<typeof streamView>;

export const streamViewOf = (call: OpenCall, pool: string): StreamView => ({
  id: call.callId,
  requestId: call.requestId,
  poolId: call.poolId,
  pool,
  keyId: call.keyId,
  keyLabel: call.keyLabel,
  accountId: call.accountId,
  account: call.accountLabel,
  attempts: call.attempts,
  dialect: call.dialect,
  route: call.route,
  transport: call.transport,
  model: call.model,
  receivedAt: call.receivedAt.toISOString(),
  host: call.host,
  heartbeatAt: isoOrNull(call.heartbeatAt),
});

const counted = z.array(z.object({ id: z.uuid().nullable(), name: z.string().nullable(), open: z.int() }));

/** How many calls are open, and of whom: the most first. */
export const streamCountsView = z.object({
  open: z.int(),
  pools: counted,
  keys: counted,
  accounts: counted.describe('without id and name: calls for which none was asked yet'),
});

type Counted = z.output<typeof counted>;

export function streamCountsViewOf(
  counts: readonly OpenCallCount[],
  poolName: (id: OpenCallCount['poolId']) => string,
): z.output<typeof streamCountsView> {
  return {
    open: counts.reduce((sum, { calls }) => sum + calls, 0),
    pools: summed(counts, ({ poolId }) => [poolId, poolName(poolId)]),
    keys: summed(counts, ({ keyId, keyLabel }) => [keyId, keyLabel]),
    accounts: summed(counts, ({ accountId, accountLabel }) => [accountId, accountLabel]),
  };
}

function summed(
  counts: readonly OpenCallCount[],
  named: (count: OpenCallCount) => readonly [id: string | null, name: string | null],
): Counted {
  const sums = new Map<string | null, Counted[number]>();
  for (const count of counts) {
    const [id, name] = named(count);
    const sum = sums.get(id) ?? { id, name, open: 0 };
    sum.open += count.calls;
    sums.set(id, sum);
  }
  return [...sums.values()].sort((a, b) => b.open - a.open || ((a.name ?? '') < (b.name ?? '') ? -1 : 1));
}
