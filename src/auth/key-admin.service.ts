import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Not, Repository } from 'typeorm';
import type { KeyId, PoolId } from '../core/index.js';
import { constantTimeEqual } from '../platform/crypto/index.js';
import { KeyBroadcast } from './key-broadcast.service.js';
import { NO_POLICY, policyColumns, sameColumns, type KeyPolicy } from './key-policy.js';
import { pageOfKeys, type KeyPage, type KeyQuestion } from './key-page.repository.js';
import { KeyConflict, KeyRefused } from './key-refused.js';
import { overlapOf } from './overlap.js';
import { PoolKey } from './pool-key.entity.js';
import { rotateSecret } from './secret-rows.repository.js';
import { mintToken, parseToken, TOKEN_RANDOM_BYTES, type ParsedToken } from './token-format.js';

export interface NewKey extends KeyPolicy {
  /** A whole well-formed key that the operator chose; absent: one is minted. */
  readonly secret?: string;
}

/** A key, and its token if it was made just now. The token is not kept anywhere: this is the only time it is seen. */
export interface CreatedKey {
  readonly key: PoolKey;
  readonly token?: string;
}

/** Pool API keys, as operators make and take them away. */
@Injectable()
export class KeyAdminService {
  constructor(
    @InjectRepository(PoolKey) private readonly keys: Repository<PoolKey>,
    private readonly broadcast: KeyBroadcast,
  ) {}

  /** @throws KeyRefused when the label is taken, the given secret malformed or in use, or the policy makes no sense */
  async createKey(poolId: PoolId, label: string, given: NewKey = {}): Promise<Required<CreatedKey>> {
    const token = given.secret ?? mintToken(randomBytes(TOKEN_RANDOM_BYTES));
    const { prefix, digest } = wellFormed(token);
    const id = randomUUID() as KeyId;
    const row = { id, poolId, label, prefix, digest, ...policyColumns(given, NO_POLICY) };
    const inserted = await this.keys.createQueryBuilder().insert().values(row).orIgnore().returning('id').execute();
    if ((inserted.raw as unknown[]).length === 0) throw await this.refusal(poolId, label);
    await this.broadcast.send(id); // its token may have been tried, and refused, before
    return { key: await this.keys.findOneByOrFail({ id }), token };
  }

  /**
   * The key of this label with this secret, made or changed only when it is not already so: for files that are applied
   * again and again. Without a secret a key that is there stays, whatever its own; a revoked key stays revoked. What is
   * not spoken of stays as it is.
   *
   * @throws KeyRefused when the given secret is malformed or in use by another key, or the policy makes no sense
   */
  async ensureKey(poolId: PoolId, label: string, given: NewKey = {}): Promise<CreatedKey> {
    const found = await this.findKey(poolId, label);
    if (!found) return this.createKey(poolId, label, given);
    const key = await this.changed(found, given);
    if (given.secret === undefined) return { key };
    const wanted = wellFormed(given.secret);
    const stored = await this.keys.findOneOrFail({ where: { id: key.id }, select: { prefix: true, digest: true } });
    if (stored.prefix === wanted.prefix && constantTimeEqual(stored.digest, wanted.digest)) return { key };
    await this.replaceSecret(key.id, wanted);
    return { key: await this.keys.findOneByOrFail({ id: key.id }), token: given.secret };
  }

  /** The key of this label with a new secret, made if it is not there; the secret before is refused from now on. */
  async renewKey(poolId: PoolId, label: string): Promise<string> {
    const secret = mintToken(randomBytes(TOKEN_RANDOM_BYTES));
    await this.ensureKey(poolId, label, { secret });
    return secret;
  }

  /**
   * A new secret in the place of the old one; every process goes by it within a second.
   *
   * @param name its id, or its prefix
   * @param overlapMs how long the old secret is good beside the new one; 0: not at all
   * @returns `null` when there is no key of that name
   * @throws KeyRefused when it was revoked
   */
  async rotateKey(name: string, overlapMs = 0): Promise<Required<CreatedKey> | null> {
    const overlap = overlapOf(overlapMs);
    const key = await this.keyNamed(name);
    if (!key) return null;
    const token = mintToken(randomBytes(TOKEN_RANDOM_BYTES));
    if (!(await rotateSecret(this.keys, key.id, wellFormed(token), overlap))) throw revoked(key);
    await this.broadcast.send(key.id);
    return { key: await this.keys.findOneByOrFail({ id: key.id }), token };
  }

  findKey(poolId: PoolId, label: string): Promise<PoolKey | null> {
    return this.keys.findOneBy({ poolId, label });
  }

  /** Of one Pool, or of all. */
  listKeys(poolId?: PoolId): Promise<PoolKey[]> {
    return this.keys.find({ ...(poolId ? { where: { poolId } } : {}), order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** Some of them, in the order in which they were made. */
  pageOfKeys(question: KeyQuestion): Promise<KeyPage> {
    return pageOfKeys(this.keys, question);
  }

  /** @param name its id, or its prefix */
  keyNamed(name: string): Promise<PoolKey | null> {
    return this.keys.findOneBy(UUID.test(name) ? { id: name as KeyId } : { prefix: name });
  }

  /**
   * Say something of a key; every process goes by it within a second.
   *
   * @param name its id, or its prefix
   * @returns the key; `null` when there is none of that name
   * @throws KeyRefused when it makes no sense, or the key was revoked
   */
  async changeKey(name: string, policy: KeyPolicy): Promise<PoolKey | null> {
    const key = await this.keyNamed(name);
    if (key?.status === 'revoked') throw revoked(key);
    return key && this.changed(key, policy);
  }

  /**
   * Every process refuses the key within a second. Revoking it again changes nothing.
   *
   * @param name its id, or its prefix
   * @returns the key; `null` when there is none of that name
   */
  async revokeKey(name: string): Promise<PoolKey | null> {
    const key = await this.keyNamed(name);
    if (!key) return null;
    await this.keys
      .createQueryBuilder()
      .update()
      .set({ status: 'revoked', revokedAt: () => 'now()' })
      .where(`id = :id AND status <> 'revoked'`, { id: key.id })
      .execute();
    await this.broadcast.send(key.id);
    return this.keys.findOneByOrFail({ id: key.id });
  }

  private async changed(key: PoolKey, policy: KeyPolicy): Promise<PoolKey> {
    const columns = policyColumns(policy, key);
    if (sameColumns(columns, key)) return key;
    const { status, ...rest } = columns;
    await this.keys.update({ id: key.id }, rest);
    // Whoever revokes it meanwhile has the last word.
    if (status !== key.status) await this.keys.update({ id: key.id, status: Not('revoked') }, { status });
    await this.broadcast.send(key.id);
    return this.keys.findOneByOrFail({ id: key.id });
  }

  private async replaceSecret(id: KeyId, { prefix, digest }: ParsedToken): Promise<void> {
    const holder = await this.keys.findOne({ where: [{ prefix }, { digest }] });
    if (holder && holder.id !== id) throw inUse();
    const previous = { previousPrefix: null, previousDigest: null, previousUntil: null };
    await this.keys.update({ id }, { prefix, digest, ...previous });
    await this.broadcast.send(id);
  }

  private async refusal(poolId: PoolId, label: string): Promise<KeyRefused> {
    const taken = await this.findKey(poolId, label);
    return taken ? new KeyConflict(`The Pool already has a key labelled "${label}".`) : inUse();
  }
}

const inUse = () => new KeyConflict('Another key already has this secret, or its prefix.');
const revoked = ({ label }: PoolKey) => new KeyConflict(`The key ${label} was revoked: make a new one.`);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function wellFormed(token: string): ParsedToken {
  const parsed = parseToken(token);
  if (parsed) return parsed;
  throw new KeyRefused('A Pool API key reads sk-cxp-<12 hex digits>-<43 characters of base64url>.');
}
