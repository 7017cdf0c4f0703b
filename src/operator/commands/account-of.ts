import { AccountService, type AccountSummary } from '../../upstream/index.js';
import { CommandFailed, type Services } from './context.js';

export async function accountOf(services: Services, label: string): Promise<AccountSummary> {
  const account = await services.get(AccountService).findByLabel(label);
  if (!account) throw new CommandFailed(`There is no account "${label}".`);
  return account;
}
