import { z } from 'zod';

/** A variable as it is now. */
export const settingView = z.object({
  name: z.string(),
  value: z
    .union([z.string(), z.number(), z.boolean()])
    .nullable()
    .describe('of a secret: `set` or `not set`; null: it has no value'),
  secret: z.boolean(),
  source: z.enum(['environment', 'default']),
});
