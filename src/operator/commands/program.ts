import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Command } from 'commander';
import { ApplyService } from '../apply.service.js';
import { auditCommands } from './audit-commands.js';
import { accountCommands } from './account-commands.js';
import { audited } from './audited.js';
import { completionCommand } from './completion-command.js';
import { CommandFailed, type CommandContext } from './context.js';
import { doctorCommand } from './doctor-command.js';
import { explainCommand } from './explain-command.js';
import { incidentCommands } from './incident-commands.js';
import { ingressCommands } from './ingress-commands.js';
import { instanceCommands } from './instance-commands.js';
import { jobCommands } from './job-commands.js';
import { keyCommands } from './key-commands.js';
import { poolCommands } from './pool-commands.js';
import { priceCommands } from './price-commands.js';
import { requestCommands } from './request-commands.js';
import { serveCommand } from './serve-command.js';
import { streamCommands } from './stream-commands.js';
import { tokenCommands } from './token-commands.js';
import { usageCommand } from './usage-command.js';
import { webhookCommands } from './webhook-commands.js';

/** The `codex-pooler` command. Secrets are printed where they are made. */
export function commandLine(context: CommandContext, version: string): Command {
  const program = new Command('codex-pooler')
    .description('A self-hosted gateway that lets Codex CLIs and SDKs share a pool of upstream Codex accounts')
    .version(version)
    // A page of help would hide what was wrong.
    .showHelpAfterError('(--help says what there is.)');
  serveCommand(program, context);
  program
    .command('worker')
    .description('the same as serve --role worker')
    .action(() => context.serve('worker', { importAuth: false, variables: {} }));
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
  tokenCommands(program, context);
  auditCommands(program, context);
  poolCommands(program, context);
  requestCommands(program, context);
  streamCommands(program, context);
  usageCommand(program, context);
  priceCommands(program, context);
  explainCommand(program, context);
  jobCommands(program, context);
  instanceCommands(program, context);
  incidentCommands(program, context);
  ingressCommands(program, context);
  webhookCommands(program, context);
  doctorCommand(program, context);
  completionCommand(program, context);
  return program;
}

async function applyFile(context: CommandContext, file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CommandFailed('The file cannot be read.');
  });
  const target = { type: 'file', id: basename(file) };
  const applied = await audited(context, { action: 'file.apply', target }, async (services, trail) => {
    const done = await services.get(ApplyService).apply(text, dirname(file));
    trail.after(done.map(({ what }) => what));
    return done;
  });
  for (const { what, token } of applied) context.out(token === undefined ? what : `${what}: ${token}`);
  if (applied.some(({ refused }) => refused)) throw new CommandFailed('Not everything could be applied.');
}
