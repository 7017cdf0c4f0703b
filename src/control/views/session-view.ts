import { z } from 'zod';
import { pageOf } from '../page.js';

/** A session of a client, as its calls show it. What the client calls it is not kept. */
const sessionView = z.object({
  id: z.string().describe('tells it from others; nothing of its name is in it'),
  poolId: z.uuid(),
  pool: z.string().describe('slug'),
  keyId: z.uuid(),
  keyLabel: z.string(),
  homeId: z.uuid().nullable().describe('the account that it is with; null: that is not known here'),
  home: z.string().nullable(),
  accountId: z.uuid().nullable().describe('that was asked for its last call'),
  account: z.string().nullable(),
  model: z.string().describe('of its last call'),
  calls: z.int(),
  openCalls: z.int(),
  firstCallAt: z.iso.datetime().describe('in the time that was looked at'),
  lastCallAt: z.iso.datetime(),
});
export type SessionView = z.output<typeof sessionView>;

export const sessionListView = pageOf(sessionView).extend({
  at: z.iso.datetime().describe('when this was asked'),
  reach: z
    .enum(['process', 'cluster'])
    .describe('whose knowledge of homes this is: of this process, or of all replicas'),
});
