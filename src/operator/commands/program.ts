import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import { ApplyService } from '../apply.service.js';
import { accountCommands } from './account-commands.js';
import { CommandFailed, withServices, type CommandContext, type Role } from './context.js';
import { doctorCommand } from './doctor-command.js';
import { keyCommands } from './key-commands.js';
import { requestCommands } from './request-commands.js';

/** The `codex-pooler` command. Secrets are printed where they are made, and never taken from the command line. */
export function commandLine(context: CommandContext, version: string): Command {
  const program = new Command('codex-pooler')
    .description('A self-hosted gateway that lets Codex CLIs and SDKs share a pool of upstream Codex accounts')
    .version(version)
    .showHelpAfterError();
  program
    .command('serve')
    .description('run the gateway and the worker in one process, or one of them')
    .addOption(new Option('--role <role>', 'what to run').choices(['all', 'gateway', 'worker']).default('all'))
    .option('--import-auth', 'import the Codex login of this machine ($CODEX_HOME or ~/.codex)', false)
    .action((options: { role: Role; importAuth: boolean }) => context.serve(options.role, options));
  program
    .command('worker')
    .description('the same as serve --role worker')
    .action(() => context.serve('worker', { importAuth: false }));
  program
    .command('migrate')
    .description('bring the database up to this version')
    .action(async () => {
      for (const line of await context.migrate()) context.out(line);
    });
  program
    .command('apply')
    .description('make what a declarative file says so; safe to repeat')
    .argument('<file>', 'path of the YAML file')
    .action((file: string) => applyFile(context, file));
  accountCommands(program, context);
  keyCommands(program, context);
  requestCommands(program, context);
  doctorCommand(program, context);
  return program;
}

async function applyFile(context: CommandContext, file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CommandFailed('The file cannot be read.');
  });
  const applied = await withServices(context, (services) => services.get(ApplyService).apply(text, dirname(file)));
  for (const { what, token } of applied) context.out(token === undefined ? what : `${what}: ${token}`);
}
