import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { ControlService, DRY_RUN, type Actor, type Done, type Wishes } from '../../control/index.js';
import { localUser } from '../commands/audited.js';
import type { Services } from '../commands/context.js';
import type { OperationsClient } from './operations-client.js';

/** Does operations in this process, on the database of the configuration: whoever has that at hand may do all. */
export class LocalOperations implements OperationsClient {
  constructor(private readonly services: Services) {}

  async ask<Out extends z.ZodType>(name: string, input: object, output: Out, wishes?: Wishes): Promise<z.output<Out>> {
    return output.parse((await this.done(name, input, wishes)).output);
  }

  async tryDry(name: string, input: object): Promise<z.output<typeof DRY_RUN>> {
    return DRY_RUN.parse((await this.done(name, input, { dryRun: true })).output);
  }

  close(): Promise<void> {
    return this.services.close();
  }

  private done(name: string, input: object, wishes: Wishes = {}): Promise<Done> {
    const call = { actor: localActor(), requestId: `cli-${randomUUID()}`, nowMs: Date.now() };
    return this.services.get(ControlService).run(name, input, call, wishes);
  }
}

function localActor(): Actor {
  const label = localUser();
  return { kind: 'local', id: label, label, scopes: new Set(['admin']) };
}
