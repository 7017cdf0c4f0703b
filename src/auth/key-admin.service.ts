import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { KeyId, PoolId } from '../core/index.js';
import { constantTimeEqual } from '../platform/crypto/index.js';
import { KeyBroadcast } from './key-broadcast.service.js';
import { PoolKey } from './pool-key.entity.js';
import { mintToken, parseToken, TOKEN_RANDOM_BYTES, type ParsedToken } from './token-format.js';

export interface NewKey {
  /** A whole well-formed key that the operator chose; absent: one is minted. */
  readonly secret?: string;
  readonly expiresAt?: Date;
  /** The only models that it may ask for; `null`: any. */
  readonly allowedModels?: readonly string[] | null;
  /** Calls at once, at least 1; `null`: any number. */
  readonly maxConcurrent?: number | null;
}

/** A key, and its token if it was made just now. The token is not kept anywhere: this is the only time it is seen. */
export interface CreatedKey {
  readonly key: PoolKey;
  readonly token?: string;
}

/** The operator asked for a key that cannot be made; `message` says why and quotes no secret. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused';
}

/** Pool API keys, as operators make and take them away. */
@Injectable()
export class KeyAdminService {
  constructor(
    @InjectRepository(PoolKey) private readonly keys: Repository<PoolKey>,
    private readonly broadcast: KeyBroadcast,
  ) {}

  /** @throws KeyRefused when the label is taken, the given secret malformed or in use, or a model has no name */
  async createKey(poolId: PoolId, label: string, given: NewKey = {}): Promise<Required<CreatedKey>> {
    const { secret, expiresAt, allowedModels, maxConcurrent } = given;
    const token = secret ?? mintToken(randomBytes(TOKEN_RANDOM_BYTES));
    const { prefix, digest } = wellFormed(token);
    const id = randomUUID() as KeyId;
    const policy = {
      expiresAt: expiresAt ?? null,
      allowedModels: modelNames(allowedModels ?? null),
      maxConcurrent: maxConcurrent ?? null,
    };
    const row = { id, poolId, label, prefix, digest, ...policy };
    const inserted = await this.keys.createQueryBuilder().insert().values(row).orIgnore().returning('id').execute();
    if ((inserted.raw as unknown[]).length === 0) throw await this.refusal(poolId, label);
    await this.broadcast.send(id); // its token may have been tried, and refused, before
    return { key: await this.keys.findOneByOrFail({ id }), token };
  }

  /**
   * The key of this label with this secret, made or changed only when it is not already so: for files that are applied
   * again and again. Without a secret a key that is there stays, whatever its own; a revoked key stays revoked. Limits
   * that are not spoken of stay as they are.
   *
   * @throws KeyRefused when the given secret is malformed or in use by another key
   */
  async ensureKey(poolId: PoolId, label: string, given: NewKey = {}): Promise<CreatedKey> {
    const found = await this.findKey(poolId, label);
    if (!found) return this.createKey(poolId, label, given);
    const key = await this.limit(found, given);
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

  findKey(poolId: PoolId, label: string): Promise<PoolKey | null> {
    return this.keys.findOneBy({ poolId, label });
  }

  /** Of one Pool, or of all. */
  listKeys(poolId?: PoolId): Promise<PoolKey[]> {
    return this.keys.find({ ...(poolId ? { where: { poolId } } : {}), order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /**
   * Every process refuses the key within a second. Revoking it again changes nothing.
   *
   * @param name its id, or its prefix
   * @returns the key; `null` when there is none of that name
   */
  async revokeKey(name: string): Promise<PoolKey | null> {
    const key = await this.keys.findOneBy(UUID.test(name) ? { id: name as KeyId } : { prefix: name });
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

  private async limit(key: PoolKey, given: NewKey): Promise<PoolKey> {
    const allowedModels = given.allowedModels === undefined ? key.allowedModels : modelNames(given.allowedModels);
    const maxConcurrent = given.maxConcurrent === undefined ? key.maxConcurrent : given.maxConcurrent;
    const same = JSON.stringify(allowedModels) === JSON.stringify(key.allowedModels);
    if (same && maxConcurrent === key.maxConcurrent) return key;
    await this.keys.update({ id: key.id }, { allowedModels, maxConcurrent });
    await this.broadcast.send(key.id);
    return this.keys.findOneByOrFail({ id: key.id });
  }

  private async replaceSecret(id: KeyId, { prefix, digest }: ParsedToken): Promise<void> {
    const holder = await this.keys.findOne({ where: [{ prefix }, { digest }] });
    if (holder && holder.id !== id) throw new KeyRefused('Another key already has this secret, or its prefix.');
    await this.keys.update({ id }, { prefix, digest });
    await this.broadcast.send(id);
  }

  private async refusal(poolId: PoolId, label: string): Promise<KeyRefused> {
    const taken = await this.findKey(poolId, label);
    return new KeyRefused(
      taken ? `The Pool already has a key labelled "${label}".` : 'Another key already has this secret, or its prefix.',
    );
  }
}

/** As they are compared: trimmed, lower-case, each once, in order. */
function modelNames(given: readonly string[] | null): string[] | null {
  if (given === null) return null;
  const names = [...new Set(given.map((name) => name.trim().toLowerCase()))].sort();
  if (names.length === 0 || names.includes('')) throw new KeyRefused('The models of a key have names.');
  return names;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function wellFormed(token: string): ParsedToken {
  const parsed = parseToken(token);
  if (parsed) return parsed;
  throw new KeyRefused('A Pool API key reads sk-cxp-<12 hex digits>-<43 characters of base64url>.');
}
