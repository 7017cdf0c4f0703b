import type { Command } from 'commander';
import { KeyAdminService } from '../../auth/index.js';
import { audited } from './audited.js';
import { CommandFailed, type CommandContext } from './context.js';
import { timeSpan } from './time-span.js';
import { keyTarget } from './targets.js';

interface Options {
  readonly overlap?: number;
  readonly json?: true;
}

export function keyRotateCommand(key: Command, context: CommandContext): void {
  key
    .command('rotate')
    .description('give a key a new secret and print it: the only time it is shown')
    .argument('<key>', 'its prefix (sk-cxp-<12 hex>) or its id')
    .option('--overlap <time>', 'how long the old secret is good beside it, such as 15m; else not at all', timeSpan)
    .option('--json', 'for machines')
    .action((name: string, options: Options) => rotate(context, name, options));
}

async function rotate(context: CommandContext, name: string, { overlap = 0, json }: Options): Promise<void> {
  const action = { action: 'key.rotate', target: { type: 'key', id: name }, asked: { overlapMs: overlap } };
  await audited(context, action, async (services, trail) => {
    const keys = services.get(KeyAdminService);
    const before = await keys.keyNamed(name);
    const rotated = await keys.rotateKey(name, overlap);
    if (!before || !rotated) throw new CommandFailed('There is no key of that prefix or id.');
    const { key, token } = rotated;
    trail.about(keyTarget(key));
    trail.before({ prefix: before.prefix });
    trail.after({ prefix: key.prefix, previousUntil: key.previousUntil });
    const { prefix, label, previousUntil } = key;
    const shown = { id: key.id, prefix, label, previous_until: previousUntil, token };
    context.out(json ? JSON.stringify(shown, undefined, 2) : token);
    if (previousUntil && !json) context.note(`The old secret is good until ${previousUntil.toISOString()}.`);
  });
}
