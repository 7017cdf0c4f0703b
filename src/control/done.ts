import { z } from 'zod';

/** What came of an operation. */
export interface Done {
  readonly status: number;
  readonly output: unknown;
  /** Of the thing that was read or changed: its `ETag`. */
  readonly version?: string;
  /** Fields of the output change by themselves, and the version says nothing of them. */
  readonly isVolatile?: true;
}

/** What the asker wishes beyond the operation's own input. */
export interface Wishes {
  /** The version of the thing that is to be changed: `If-Match`. */
  readonly ifMatch?: string;
  /** Say what would change, and change nothing. */
  readonly dryRun?: boolean;
  /** Of a creation: asked again under the same key, it answers the same. */
  readonly idempotencyKey?: string;
}

/** What a destructive operation answers when it is only tried: nothing was changed. */
export const DRY_RUN = z.object({
  dryRun: z.literal(true),
  action: z.string(),
  before: z.unknown(),
  effects: z.array(z.string()),
});
