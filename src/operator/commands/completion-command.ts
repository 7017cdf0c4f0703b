import { Argument, type Command } from 'commander';
import { completionScript, SHELLS, type Shell } from './completion.js';
import type { CommandContext } from './context.js';

export function completionCommand(program: Command, context: CommandContext): void {
  program
    .command('completion')
    .description('print a script that completes this command: source <(codex-pooler completion bash)')
    .addArgument(new Argument('<shell>', 'for which shell').choices(SHELLS))
    .action((shell: Shell) => context.out(completionScript(program, shell)));
}
