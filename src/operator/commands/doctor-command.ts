import type { Command } from 'commander';
import { HostResolver } from '../../platform/egress/index.js';
import { DoctorService } from '../doctor/doctor.service.js';
import type { Finding } from '../doctor/finding.js';
import { Ways } from '../doctor/ways.service.js';
import { CommandFailed, withServices, type CommandContext } from './context.js';
import { EXIT, exitCodeOf } from './exit-code.js';

const WORDS: Readonly<Record<Finding['state'], string>> = { ok: 'ok  ', warning: 'WARN', failed: 'FAIL' };

export function doctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description(
      'check schema, key ring, clock, names, stores and how fast they are, gateways, the way to the upstream',
    )
    .option('--json', 'for machines')
    .action(async (options: { json?: true }) => {
      const findings = [...(await inside(context)), ...(await new Ways(context.config(), new HostResolver()).look())];
      if (options.json) context.out(JSON.stringify({ status: worst(findings), findings }, undefined, 2));
      else for (const { name, state, detail } of findings) context.out(`${WORDS[state]}  ${name}: ${detail}`);
      if (worst(findings) === 'failed') throw new CommandFailed('Something needs attention.');
    });
}

/** Where there is no way in, why there is none is what was to be found out. */
async function inside(context: CommandContext): Promise<Finding[]> {
  try {
    return await withServices(context, (services) => services.get(DoctorService).examine());
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    const detail = exitCodeOf(error) === EXIT.unreachable ? 'the database does not answer' : messageOf(error);
    return [{ name: 'stores', state: 'failed', detail }];
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'cannot be opened');

const worst = (findings: readonly Finding[]): Finding['state'] =>
  (['failed', 'warning'] as const).find((state) => findings.some((each) => each.state === state)) ?? 'ok';
