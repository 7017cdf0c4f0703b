import { z } from 'zod';

/** What is gone. */
export const deletedView = z.object({ id: z.uuid(), name: z.string(), status: z.literal('deleted') });

export const deletedViewOf = ({
  id,
  name,
}: {
  readonly id: string;
  readonly name: string;
}): z.output<typeof deletedView> => ({ id, name, status: 'deleted' });
