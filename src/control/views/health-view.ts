import { z } from 'zod';
import { queuesView } from './job-view.js';

const answering = z.object({ answers: z.boolean(), tookMs: z.number().nullable() });

/** What an installation leans on, and whether it is there. For operators; probes have their own. */
export const healthView = z.object({
  status: z.enum(['ok', 'degraded']).describe('degraded: something below is not as it should be; problems says what'),
  problems: z.array(z.string()),
  schema: z.object({
    version: z.string().describe('newest migration of the process that answers'),
    current: z.boolean().describe('whether the database has all of its migrations'),
    missing: z.int().nullable().describe('null: the database does not answer'),
    unknown: z.int().nullable().describe('migrations of a newer version'),
  }),
  database: answering,
  sharedState: answering.extend({ reach: z.enum(['process', 'cluster']) }),
  queues: queuesView.shape.items,
  worker: z.object({
    lastSeenAt: z.iso.datetime().nullable().describe('when a worker last began or ended a job; null: never'),
    silentMs: z.int().nullable(),
  }),
  processes: z
    .array(
      z.object({
        id: z.uuid(),
        host: z.string(),
        startedAt: z.iso.datetime(),
        heartbeatAt: z.iso.datetime(),
        silentMs: z.int(),
        openCalls: z.int(),
      }),
    )
    .describe('those that serve calls'),
});
export type HealthView = z.output<typeof healthView>;
