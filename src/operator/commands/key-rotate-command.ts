import type { Command } from 'commander';
import { keyWithSecretView } from '../../control/index.js';
import { withOperations, type CommandContext } from './context.js';
import { timeSpan } from './time-span.js';
import { dryOption, triedDry, type DryOption } from './tried-dry.js';

interface Options extends DryOption {
  readonly overlap?: number;
  readonly json?: true;
}

export function keyRotateCommand(key: Command, context: CommandContext): void {
  const rotation = key
    .command('rotate')
    .description('give a key a new secret and print it: the only time it is shown')
    .argument('<key>', 'its prefix (sk-cxp-<12 hex>) or its id')
    .option('--overlap <time>', 'how long the old secret is good beside it, such as 15m; else not at all', timeSpan)
    .option('--json', 'for machines');
  dryOption(rotation).action((name: string, options: Options) => rotate(context, name, options));
}

async function rotate(context: CommandContext, name: string, options: Options): Promise<void> {
  const { overlap = 0, json, dryRun } = options;
  const input = { key: name, overlapSeconds: overlap / 1_000 };
  await withOperations(context, async (operations) => {
    if (dryRun) return context.out(await triedDry(operations, 'keys.rotate', input));
    const { id, prefix, label, previousUntil, token } = await operations.ask('keys.rotate', input, keyWithSecretView);
    const shown = { id, prefix, label, previous_until: previousUntil, token };
    context.out(json ? JSON.stringify(shown, undefined, 2) : token);
    if (previousUntil !== null && !json) context.note(`The old secret is good until ${previousUntil}.`);
  });
}
