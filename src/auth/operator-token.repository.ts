import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { TokenId } from '../core/index.js';
import type { OperatorTokenRecord } from './operator-principal.js';
import { OperatorToken } from './operator-token.entity.js';
import { markUsed, withSecret } from './secret-rows.repository.js';
import type { ParsedToken } from './token-format.js';

/** Operators' tokens as doors need them: one look-up, one mark. */
@Injectable()
export class OperatorTokenRepository {
  constructor(@InjectRepository(OperatorToken) private readonly tokens: Repository<OperatorToken>) {}

  async find(shown: ParsedToken): Promise<OperatorTokenRecord | undefined> {
    const [found] = await withSecret(this.tokens, shown);
    if (!found) return undefined;
    const { row, untilMs } = found;
    const ends = [row.expiresAt?.getTime(), untilMs].filter((ms) => ms !== undefined);
    return {
      principal: {
        tokenId: row.id,
        kind: row.kind,
        label: row.label,
        scopes: new Set(row.scopes),
        ...(row.poolIds ? { poolIds: new Set(row.poolIds) } : {}),
      },
      isRevoked: row.revokedAt !== null,
      isDisabled: !row.enabled,
      ...(ends.length === 0 ? {} : { untilMs: Math.min(...ends) }),
    };
  }

  markUsed(id: TokenId, at: Date): Promise<void> {
    return markUsed(this.tokens, id, at);
  }
}
