import { z } from 'zod';
import type { AccountDrift } from '../../reconciliation/index.js';
import { VOLATILE } from '../version.js';

/** How far the provider's count of a window and ours differ. */
const driftWindow = z.object({
  limitId: z.string(),
  windowMinutes: z.int(),
  plan: z.string().nullable(),
  asOf: z.iso.datetime(),
  since: z.iso.datetime().describe('from when on the window is compared'),
  resetsAt: z.iso.datetime(),
  usedPercent: z.number().describe('as the provider says'),
  ourTokens: z.number(),
  countedPercent: z.number().describe('how much of it can be compared'),
  explainedPercent: z.number().nullable().describe('how much of that went through here; null: unknown'),
  driftPercent: z.number().nullable(),
  driftTokens: z.number().nullable(),
  tokensPerPercent: z.number().nullable(),
  basis: z.enum(['own', 'plan']).nullable(),
  confidence: z.enum(['unknown', 'low', 'high']),
  points: z.int(),
});

export const driftView = z.object({
  accountId: z.uuid(),
  account: z.string(),
  kind: z.string(),
  plan: z.string().nullable(),
  available: z.boolean().describe('whether its provider tells of windows at all'),
  windows: z.array(driftWindow),
  toldAt: z.iso.datetime().describe('when this was answered'),
});

VOLATILE.add(driftView, { fields: ['toldAt'] });

export type DriftView = z.output<typeof driftView>;
export type DriftWindow = DriftView['windows'][number];

export const driftViewOf = ({ account, windows }: AccountDrift, atMs: number): DriftView => ({
  accountId: account.id,
  account: account.label,
  kind: account.kind,
  plan: account.plan ?? null,
  available: reportsWindows(account.kind),
  windows: windows.map(({ accountId: _, asOf, since, resetsAt, ...window }) => ({
    ...window,
    asOf: asOf.toISOString(),
    since: since.toISOString(),
    resetsAt: resetsAt.toISOString(),
  })),
  toldAt: new Date(atMs).toISOString(),
});

/** Platform usage is metered: its provider tells of no windows. */
const reportsWindows = (kind: string): boolean => kind !== 'openai';
