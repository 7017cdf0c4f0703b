import type { z } from 'zod';
import type { DRY_RUN, Wishes } from '../../control/index.js';

/** How commands ask for operations, wherever those are done. */
export interface OperationsClient {
  /**
   * @param output what the answer must look like; the operation's own view
   * @throws ControlError why it was refused
   */
  ask<Out extends z.ZodType>(
    name: string,
    input: object,
    output: Out,
    wishes?: Omit<Wishes, 'dryRun'>,
  ): Promise<z.output<Out>>;
  /** What a destructive operation would change, without changing it. */
  tryDry(name: string, input: object): Promise<z.output<typeof DRY_RUN>>;
  close(): Promise<void>;
}
