import type { Command } from 'commander';
import { CommandFailed, withServices, type CommandContext } from './context.js';
import { DoctorService } from '../doctor.service.js';

export function doctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('check the configuration, the stores, the key ring and the way to the upstream')
    .action(async () => {
      const findings = await withServices(context, (services) => services.get(DoctorService).examine());
      for (const { name, ok, detail } of findings) context.out(`${ok ? 'ok  ' : 'FAIL'}  ${name}: ${detail}`);
      if (findings.some(({ ok }) => !ok)) throw new CommandFailed('Something needs attention.');
    });
}
