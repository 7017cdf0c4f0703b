import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import {
  KeyAdminService,
  PoolService,
  UsageLimitService,
  type KeyPolicy,
  type LimitOwner,
  type LimitValues,
  type Pool,
  type PoolSettings,
} from '../auth/index.js';
import { AccountRefused, AccountService, type ImportedAccount, type LinkOptions } from '../upstream/index.js';
import type { Applied } from './applied.js';
import { importWords } from './import-words.js';
import { parseSeedFile, type SeedPool } from './seed-file.js';
import { SeedFileUnmet, seedVariable } from './seed-variable.js';
import { TokenDeclarations } from './token-declarations.service.js';

type SeedAccount = NonNullable<SeedPool['accounts']>[number];
/** Asked once in vain, it is not asked again. */
interface LoginServer {
  away: boolean;
}

type SeedKey = NonNullable<SeedPool['keys']>[number];
type SeedLimits = Pick<SeedKey, 'limits' | 'modelLimits'>;

/** Makes what the declarative file says so. Applied again it changes nothing; what it does not name it leaves alone. */
@Injectable()
export class ApplyService {
  private readonly log = new Logger(ApplyService.name);

  constructor(
    private readonly pools: PoolService,
    private readonly keys: KeyAdminService,
    private readonly accounts: AccountService,
    private readonly limits: UsageLimitService,
    private readonly tokens: TokenDeclarations,
  ) {}

  /**
   * @param folder what paths in the file are relative to
   * @throws SeedFileInvalid, SeedFileUnmet, or what a rejected login or key says
   */
  async apply(text: string, folder: string): Promise<Applied[]> {
    const done: Applied[] = [];
    const asking: LoginServer = { away: false };
    const file = parseSeedFile(text);
    for (const wanted of file.pools ?? []) {
      const pool = await this.pools.createPool(wanted.slug, settingsOf(wanted));
      await this.applyLimits({ poolId: pool.id }, wanted.settings);
      done.push({ what: `Pool ${pool.slug}` });
      for (const account of wanted.accounts ?? []) done.push(await this.applyAccount(pool, account, folder, asking));
      for (const key of wanted.keys ?? []) done.push(await this.applyKey(pool, key));
    }
    return [...done, ...(await this.tokens.apply(file))];
  }

  /**
   * A login that was imported before is left as the gateway has refreshed it since. One that its provider refuses does
   * not keep the others from serving.
   */
  private async applyAccount(pool: Pool, wanted: SeedAccount, folder: string, server: LoginServer): Promise<Applied> {
    const { label, priority, maxConcurrent } = wanted;
    const what = `account ${label} in ${pool.slug}`;
    const options = { label, poolId: pool.id, ...(priority === undefined ? {} : { priority }), prove: !server.away };
    try {
      const imported = await this.taken(wanted, folder, options);
      if (maxConcurrent !== undefined) await this.accounts.limit(imported.account.id, maxConcurrent);
      server.away ||= wanted.apiKeyEnv === undefined && imported.proof === 'unproven';
      return { what: `${what}: ${importWords(imported)}` };
    } catch (error) {
      if (!(error instanceof AccountRefused)) throw error;
      this.log.warn({ msg: 'a login of the declarative file was refused', label, reason: error.reason });
      return { what: `${what}: ${error.message}`, refused: true };
    }
  }

  private async taken(wanted: SeedAccount, folder: string, options: LinkOptions): Promise<ImportedAccount> {
    const { kind, apiKeyEnv } = wanted;
    if (apiKeyEnv === undefined) return this.accounts.importAuthJson(await loginText(wanted, folder), options);
    const asked = { ...options, ...(kind === undefined ? {} : { kind }), prove: true };
    return this.accounts.addApiKey(seedVariable(apiKeyEnv), asked);
  }

  /** Limits of models that the file does not name stay as they are. */
  private async applyLimits(owner: LimitOwner, given: SeedLimits = {}): Promise<void> {
    await this.applyLimit(owner, given.limits);
    if (given.modelLimits === null) {
      for (const { model } of await this.limits.limitsOf(owner)) {
        if (model !== undefined) await this.limits.removeLimit(owner, model);
      }
    }
    for (const [model, values] of Object.entries(given.modelLimits ?? {})) await this.applyLimit(owner, values, model);
  }

  private async applyLimit(owner: LimitOwner, values: SeedLimits['limits'], model?: string): Promise<void> {
    if (values === null) await this.limits.removeLimit(owner, model);
    else if (values !== undefined) await this.limits.setLimit(owner, said(values), model);
  }

  private async applyKey(pool: Pool, wanted: SeedKey): Promise<Applied> {
    const secret = wanted.secretEnv === undefined ? undefined : seedVariable(wanted.secretEnv);
    const policy = policyOf(wanted);
    const { key, token } = await this.keys.ensureKey(pool.id, wanted.label, {
      ...policy,
      ...(secret === undefined ? {} : { secret }),
    });
    await this.applyLimits({ keyId: key.id }, wanted);
    const minted = secret === undefined && token !== undefined;
    return { what: `key ${wanted.label} of ${pool.slug}`, ...(minted ? { token } : {}) };
  }
}

/** What the file says of a key, by the names that keys have for it. */
const policyOf = ({ models, aliases, effort, addresses, expires, ...wanted }: SeedKey): KeyPolicy => {
  const named = {
    allowedModels: models,
    modelAliases: aliases && Object.entries(aliases),
    effort: effort && { mode: effort.mode, effort: effort.value },
    allowedAddresses: addresses,
    expiresAt: expires,
    maxConcurrent: wanted.maxConcurrent,
    forcedModel: wanted.forcedModel,
    serviceTier: wanted.serviceTier,
    paused: wanted.paused,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
};

/** What the file says by the name that the Pool has for it; what it does not mention stays as it is. */
const settingsOf = ({ name, settings = {} }: SeedPool): PoolSettings => {
  const { strategy, evidence, anthropicModels, dropParams, limits, modelLimits, ...same } = settings;
  const named = {
    ...same,
    name,
    routingStrategy: strategy,
    evidencePolicy: evidence,
    anthropicModels: anthropicModels && Object.entries(anthropicModels),
    droppedParams: dropParams,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
};

const said = (values: NonNullable<SeedLimits['limits']>): LimitValues =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

async function loginText({ label, authJson, authJsonEnv }: SeedAccount, folder: string): Promise<string> {
  if (authJsonEnv !== undefined) return seedVariable(authJsonEnv);
  return readFile(resolve(folder, authJson ?? ''), 'utf8').catch(() => {
    throw new SeedFileUnmet(`The authJson file of account "${label}" cannot be read.`);
  });
}
