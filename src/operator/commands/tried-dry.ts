import type { Command } from 'commander';
import type { OperationsClient } from '../client/operations-client.js';

export interface DryOption {
  readonly dryRun?: true;
}

export const dryOption = (command: Command): Command =>
  command.option('--dry-run', 'say what it comes to, and change nothing');

/** What a command would come to, for people. */
export async function triedDry(operations: OperationsClient, name: string, input: object): Promise<string> {
  const { effects } = await operations.tryDry(name, input);
  return [...effects, 'Nothing was changed.'].join('\n');
}
