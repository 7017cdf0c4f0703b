import { z } from 'zod';
import { ACTOR_KINDS, AUDIT_OUTCOMES } from '../../audit/index.js';

/** One thing that an operator did, tried or was denied, and its place in the chain. */
export const auditEventView = z.object({
  id: z.uuid(),
  seq: z.int(),
  occurredAt: z.iso.datetime(),
  actor: z.object({ kind: z.enum(ACTOR_KINDS), id: z.string(), label: z.string() }),
  action: z.string(),
  target: z.object({ type: z.string(), id: z.string().nullable(), label: z.string().nullable() }).nullable(),
  poolId: z.uuid().nullable(),
  outcome: z.enum(AUDIT_OUTCOMES),
  begunId: z.uuid().nullable().describe('the event that said that this one was about to be'),
  requestId: z.string().nullable(),
  address: z.string().nullable(),
  details: z
    .record(z.string(), z.unknown())
    .describe('what was asked, and how things were before and after; secrets are fingerprints'),
  prevHash: z.string(),
  hash: z.string(),
});

export type AuditEventView = z.output<typeof auditEventView>;

/** Whether the chain holds; if not, `seq` is the place where it does not any more. */
export const verifiedView = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), events: z.int(), first: z.int(), last: z.int(), hash: z.string() }),
  z.object({
    ok: z.literal(false),
    seq: z.int(),
    why: z.enum(['missing', 'inserted', 'changed']),
    id: z.uuid().optional(),
  }),
]);
