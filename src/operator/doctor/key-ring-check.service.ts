import { Injectable } from '@nestjs/common';
import { AccountService, CredentialService } from '../../upstream/index.js';
import { unwell, well, type Finding } from './finding.js';

/** Opening what was sealed is the only proof that the ring still has the key. */
@Injectable()
export class KeyRingCheck {
  constructor(
    private readonly accounts: AccountService,
    private readonly credentials: CredentialService,
  ) {}

  async look(): Promise<Omit<Finding, 'name'>> {
    const accounts = (await this.accounts.list()).filter(({ status }) => status !== 'login_required');
    const opened = await Promise.allSettled(accounts.map((account) => this.credentials.access(account)));
    const closed = opened.filter(({ status }) => status === 'rejected').length;
    return closed > 0
      ? unwell(`the tokens of ${closed} of ${opened.length} accounts cannot be opened`)
      : well(`opens the tokens of ${opened.length} accounts`);
  }
}
