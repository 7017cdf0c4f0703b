import { z } from 'zod';
import { OPERATIONS, type Operation } from '../../core/index.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { decisionView } from './decision-view.js';
import { requestDetailView } from './request-view.js';

/** What a call may ask for. */
export const CALL_OPERATIONS = Object.keys(OPERATIONS) as [Operation, ...Operation[]];
export const CALL_TRANSPORTS = ['http', 'websocket'] as const;

/** What would become of a call now, and why. */
export const explanationView = z.object({
  pool: z.object({ slug: z.string(), status: z.string() }),
  key: z.object({ label: z.string(), prefix: z.string(), status: z.string() }).optional(),
  model: z.string(),
  servedAs: z.string().optional().describe('the model that the key has in its place'),
  operation: z.enum(CALL_OPERATIONS),
  transport: z.enum(CALL_TRANSPORTS),
  session: z.boolean().describe('whether the call is one of a session'),
  decision: decisionView,
  answer: z
    .object({
      status: z.int(),
      code: z.string(),
      resetsAt: z.iso.datetime().optional(),
      retryAfterMs: z.number().optional(),
      waitsMs: z.number().optional().describe('so long the call would wait first for somebody to be back'),
    })
    .optional()
    .describe('what a client would be told; absent: somebody may serve the call'),
  places: z
    .array(z.object({ place: z.string(), used: z.int(), limit: z.int().optional() }))
    .describe('calls in progress, of what they share'),
  reach: z.enum(['process', 'cluster']).describe('whose open calls are counted: those of this process, or of all'),
});
export type ExplanationView = DeepReadonly<z.output<typeof explanationView>>;

/** What became of a call, and why. */
export const pastExplanationView = z.object({ at: z.iso.datetime(), request: requestDetailView });
export type PastExplanationView = z.output<typeof pastExplanationView>;
