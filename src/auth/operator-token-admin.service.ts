import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository } from 'typeorm';
import type { TokenId } from '../core/index.js';
import { constantTimeEqual } from '../platform/crypto/index.js';
import { KeyBroadcast } from './key-broadcast.service.js';
import { KeyConflict, KeyRefused } from './key-refused.js';
import { TOKEN_CHANNEL } from './operator-principal.js';
import { labelOf, rightsOf, sameRights, type TokenRights } from './operator-token-rights.js';
import { OperatorToken, type OperatorTokenKind } from './operator-token.entity.js';
import { overlapOf } from './overlap.js';
import { rotateSecret } from './secret-rows.repository.js';
import { mintToken, parseToken, TOKEN_RANDOM_BYTES, type ParsedToken } from './token-format.js';

export interface NewOperatorToken extends TokenRights {
  readonly kind: OperatorTokenKind;
  readonly label: string;
  /** A whole well-formed token that the operator chose; absent: one is minted. */
  readonly secret?: string;
  /** Who makes it, as the audit names them. */
  readonly createdBy: string;
}

/** A token, and its secret if it was made just now: the only time it is seen. */
export interface MadeToken {
  readonly row: OperatorToken;
  readonly token?: string;
}

/** Operators' tokens, as operators make and take them away. Every process goes by a change within a second. */
@Injectable()
export class OperatorTokenAdmin {
  constructor(
    @InjectRepository(OperatorToken) private readonly tokens: Repository<OperatorToken>,
    private readonly broadcast: KeyBroadcast,
  ) {}

  /** @throws KeyRefused when the label is taken, the given secret malformed or in use, or its rights make no sense */
  async create(wanted: NewOperatorToken): Promise<Required<MadeToken>> {
    const { kind, createdBy } = wanted;
    const label = labelOf(wanted.label);
    const token = wanted.secret ?? minted(kind);
    const secret = wellFormed(token, kind);
    const id = randomUUID() as TokenId;
    const row = { id, kind, label, createdBy, ...secret, ...rightsOf(kind, wanted) };
    const inserted = await this.tokens.createQueryBuilder().insert().values(row).orIgnore().returning('id').execute();
    if ((inserted.raw as unknown[]).length === 0) throw await this.refusal(kind, label);
    await this.changed(id); // its secret may have been tried, and refused, before
    return { row: await this.tokens.findOneByOrFail({ id }), token };
  }

  /**
   * The token of this label with this secret and these rights, made or changed only when it is not already so: for files
   * that are applied again and again. Without a secret one that is there keeps its own; a revoked one stays revoked.
   *
   * @throws KeyRefused as `create` does
   */
  async ensure(wanted: NewOperatorToken): Promise<MadeToken> {
    const found = await this.tokens.findOneBy({ kind: wanted.kind, label: labelOf(wanted.label) });
    if (!found) return this.create(wanted);
    const { id, kind } = found;
    const rights = rightsOf(kind, wanted, found);
    if (!sameRights(rights, found)) {
      await this.tokens.update({ id }, rights);
      await this.changed(id);
    }
    if (wanted.secret === undefined) return { row: await this.tokens.findOneByOrFail({ id }) };
    const replaced = await this.replaceSecret(id, wellFormed(wanted.secret, kind));
    return { row: await this.tokens.findOneByOrFail({ id }), ...(replaced ? { token: wanted.secret } : {}) };
  }

  list(kind?: OperatorTokenKind): Promise<OperatorToken[]> {
    return this.tokens.find({ ...(kind ? { where: { kind } } : {}), order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** Whether there is, or ever was, a token of this kind. */
  any(kind: OperatorTokenKind): Promise<boolean> {
    return this.tokens.existsBy({ kind });
  }

  /** @param name its id, its prefix, or its label where only one has it */
  async named(name: string): Promise<OperatorToken | null> {
    const byId = UUID.test(name) ? [{ id: name as TokenId }] : [];
    const found = await this.tokens.find({ where: [...byId, { prefix: name }, { label: name }] });
    const exactly = found.find(({ id, prefix }) => id === name || prefix === name);
    return exactly ?? (found.length === 1 ? (found[0] ?? null) : null);
  }

  /** Revoking it again changes nothing. @returns null when there is none of that name */
  async revoke(name: string): Promise<OperatorToken | null> {
    return this.change(name, ({ id }) => this.tokens.update({ id, revokedAt: IsNull() }, { revokedAt: () => 'now()' }));
  }

  /** @throws KeyRefused when it was revoked */
  async setEnabled(name: string, enabled: boolean): Promise<OperatorToken | null> {
    return this.change(name, (row) => {
      if (row.revokedAt !== null) throw revoked(row);
      return this.tokens.update({ id: row.id }, { enabled });
    });
  }

  /**
   * A new secret in the place of the old one.
   *
   * @param overlapMs how long the old one is good beside it; 0: not at all
   * @throws KeyRefused when it was revoked
   */
  async rotate(name: string, overlapMs = 0): Promise<Required<MadeToken> | null> {
    const overlap = overlapOf(overlapMs);
    const found = await this.named(name);
    if (!found) return null;
    const token = minted(found.kind);
    const row = await this.change(found.id, async (before) => {
      const done = await rotateSecret(this.tokens, before.id, wellFormed(token, before.kind), overlap);
      if (!done) throw revoked(before);
    });
    return row && { row, token };
  }

  private async change(name: string, work: (row: OperatorToken) => Promise<unknown>): Promise<OperatorToken | null> {
    const row = await this.named(name);
    if (!row) return null;
    await work(row);
    await this.changed(row.id);
    return this.tokens.findOneByOrFail({ id: row.id });
  }

  private async replaceSecret(id: TokenId, wanted: ParsedToken): Promise<boolean> {
    const stored = await this.tokens.findOneOrFail({ where: { id }, select: { prefix: true, digest: true } });
    if (stored.prefix === wanted.prefix && constantTimeEqual(stored.digest, wanted.digest)) return false;
    const holder = await this.tokens.findOne({ where: [{ prefix: wanted.prefix }, { digest: wanted.digest }] });
    if (holder && holder.id !== id) throw inUse();
    const replaced = await rotateSecret(this.tokens, id, wanted);
    if (replaced) await this.changed(id);
    return replaced;
  }

  private changed(id: TokenId): Promise<void> {
    return this.broadcast.send(id, TOKEN_CHANNEL);
  }

  private async refusal(kind: OperatorTokenKind, label: string): Promise<KeyRefused> {
    const taken = await this.tokens.existsBy({ kind, label });
    return taken ? new KeyConflict(`There is already a token labelled "${label}".`) : inUse();
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const FAMILIES = { operator: 'opr', mcp: 'mcp' } as const;

const inUse = () => new KeyConflict('Another token already has this secret, or its prefix.');
const revoked = ({ label }: OperatorToken) => new KeyConflict(`The token ${label} was revoked: make a new one.`);
const minted = (kind: OperatorTokenKind) => mintToken(randomBytes(TOKEN_RANDOM_BYTES), FAMILIES[kind]);

function wellFormed(token: string, kind: OperatorTokenKind): ParsedToken {
  const parsed = parseToken(token, FAMILIES[kind]);
  if (parsed) return parsed;
  throw new KeyRefused(`This token reads ${FAMILIES[kind]}-cxp-<12 hex digits>-<43 characters of base64url>.`);
}
