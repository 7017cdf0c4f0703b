import type { Command } from 'commander';
import { accountActionCommands } from './account-action-commands.js';
import { accountDriftCommand } from './account-drift-command.js';
import { accountImportCommands } from './account-import-commands.js';
import { accountKeyCommand } from './account-key-command.js';
import { accountListCommand } from './account-list-command.js';
import { accountQuotaCommand } from './account-quota-command.js';
import { accountSetCommands } from './account-set-commands.js';
import type { CommandContext } from './context.js';
import { loginCommands } from './login-commands.js';

export function accountCommands(program: Command, context: CommandContext): void {
  const account = program.command('account').description('upstream accounts');
  accountImportCommands(account, context);
  accountKeyCommand(account, context);
  accountListCommand(account, context);
  accountDriftCommand(account, context);
  accountQuotaCommand(account, context);
  loginCommands(account, context);
  accountActionCommands(account, context);
  accountSetCommands(account, context);
}
