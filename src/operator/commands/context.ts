import type { Abstract, Type } from '@nestjs/common';
import type { Config } from '../../platform/config/index.js';
import type { OperationsClient } from '../client/operations-client.js';

export type Role = 'all' | 'gateway' | 'worker';

/** The services a command works with, and their end. */
export interface Services {
  get<T>(type: Type<T> | Abstract<T>): T;
  close(): Promise<void>;
}

/** What a start is told beside its role. */
export interface ServeWishes {
  /** Import this machine's Codex login. */
  readonly importAuth: boolean;
  /** Variables that the command line sets: they go before those of the environment. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What the entry point lends to the commands: they start nothing themselves. */
export interface CommandContext {
  serve(role: Role, wishes: ServeWishes): Promise<void>;
  migrate(): Promise<readonly string[]>;
  /** Connected to the database of the configuration; beside a running gateway, to its database. */
  services(): Promise<Services>;
  /** Who does operations: the gateway that POOLER_URL names, else this process. */
  operations(): Promise<OperationsClient>;
  config(): Config;
  readonly out: (text: string) => void;
  /** A word about what is going on, beside what is asked for: stderr. */
  readonly note: (text: string) => void;
  /** One line of a person's; `undefined` when nobody answers, or the signal aborts. */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>;
  /** Aborts at Ctrl-C, which ends the process no more once this was called. */
  interrupted(): AbortSignal;
}

/** Run a command with services, and give them back however it ends. */
export async function withServices<T>(context: CommandContext, work: (services: Services) => Promise<T>): Promise<T> {
  const services = await context.services();
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}

/** Run a command with operations, and let go of whoever does them however it ends. */
export async function withOperations<T>(
  context: CommandContext,
  work: (operations: OperationsClient) => Promise<T>,
): Promise<T> {
  const operations = await context.operations();
  try {
    return await work(operations);
  } finally {
    await operations.close();
  }
}

/** The operator asked for something that is not there; `message` is all they need to read. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}
