import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId } from '../core/index.js';
import { SecretBox } from '../platform/crypto/index.js';
import { claimsOf } from './jwt-claims.js';
import { maskedEmail, type MaskedEmail } from './masked-email.js';
import { openToken } from './sealed-tokens.js';

const SELECT = `SELECT id, id_token FROM upstream_account WHERE id = ANY($1::uuid[]) AND id_token IS NOT NULL`;

/** Whose the accounts are, as far as it may be shown. */
@Injectable()
export class AccountOwners {
  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SecretBox,
  ) {}

  /** Masked addresses, of the accounts whose logins name one. */
  async emails(ids: readonly AccountId[]): Promise<ReadonlyMap<AccountId, MaskedEmail>> {
    if (ids.length === 0) return new Map();
    const rows = await this.dataSource.query<{ id: AccountId; id_token: Buffer }[]>(SELECT, [ids]);
    const found = rows.flatMap(({ id, id_token: sealed }) => {
      const email = this.email(id, sealed);
      return email === undefined ? [] : [[id, email] as const];
    });
    return new Map(found);
  }

  /** A token that cannot be opened any more says nothing. */
  private email(id: AccountId, sealed: Buffer): MaskedEmail | undefined {
    try {
      return maskedEmail(claimsOf(openToken(this.box, id, 'id_token', sealed))?.email);
    } catch {
      return undefined;
    }
  }
}
