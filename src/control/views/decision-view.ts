import { z } from 'zod';
import type { DecisionRecord } from '../../accounting/index.js';
import type { DeepReadonly } from '../deep-readonly.js';

const label = z.string();
const grounds = z.object({
  source: z.string(),
  observedAt: z.iso.datetime().optional(),
  limitId: z.string().optional(),
  windowMinutes: z.number().optional(),
  usedPercent: z.number().optional(),
});
const candidate = z.object({
  account: z.string(),
  label,
  scores: z.record(z.string(), z.number()),
  quota: z.string(),
  evidence: grounds.optional(),
});
const exclusion = z.object({
  account: z.string(),
  label,
  reason: z.string(),
  also: z.array(z.string()).optional(),
  clearsAt: z.iso.datetime().optional(),
  backAt: z.iso.datetime().optional().describe('when nothing speaks against it any more, where that is later'),
  evidence: grounds,
});

/** The choice of accounts for a call: codes, numbers, times and labels. */
export const decisionView = z.object({
  strategy: z.string(),
  evidence: z.string(),
  at: z.iso.datetime(),
  candidates: z.array(candidate).describe('those that may serve, the best first'),
  reserve: z.array(candidate).optional().describe('those that may serve as well, beyond the ring'),
  exclusions: z.array(exclusion).describe('those that may not, and why'),
  pin: z
    .object({ account: z.string(), label: label.optional(), reason: z.string(), required: z.boolean() })
    .optional()
    .describe('the account that the call goes on with'),
  locality: z.string(),
  ringLeft: z.int().optional(),
  untold: z.int().optional().describe('how many accounts there was no room to tell of'),
});

export type DecisionView = DeepReadonly<z.output<typeof decisionView>>;

/** Stored decisions of older versions may say more than the view: only what it names goes on. */
export const decisionViewOf = (decision: DecisionRecord): z.output<typeof decisionView> => decisionView.parse(decision);
