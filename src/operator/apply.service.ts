import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import { KeyAdminService, PoolService, type Pool, type PoolSettings } from '../auth/index.js';
import { namedVariable } from '../platform/config/index.js';
import { AccountService } from '../upstream/index.js';
import { parseSeedFile, type SeedPool } from './seed-file.js';

/** One thing that was done, or found to be so already. `token` is set for a key that was minted: seen once, never again. */
export interface Applied {
  readonly what: string;
  readonly token?: string;
}

/** The declarative file names something that is not there; `message` says what, and quotes no secret. */
class SeedFileUnmet extends Error {
  override readonly name = 'SeedFileUnmet';
}

type SeedAccount = NonNullable<SeedPool['accounts']>[number];
type SeedKey = NonNullable<SeedPool['keys']>[number];

/** Makes what the declarative file says so. Applied again it changes nothing; what it does not name it leaves alone. */
@Injectable()
export class ApplyService {
  constructor(
    private readonly pools: PoolService,
    private readonly keys: KeyAdminService,
    private readonly accounts: AccountService,
  ) {}

  /**
   * @param folder what paths in the file are relative to
   * @throws SeedFileInvalid, SeedFileUnmet, or what a rejected login or key says
   */
  async apply(text: string, folder: string): Promise<Applied[]> {
    const done: Applied[] = [];
    for (const wanted of parseSeedFile(text).pools ?? []) {
      const pool = await this.pools.createPool(wanted.slug, settingsOf(wanted));
      done.push({ what: `Pool ${pool.slug}` });
      for (const account of wanted.accounts ?? []) done.push(await this.applyAccount(pool, account, folder));
      for (const key of wanted.keys ?? []) done.push(await this.applyKey(pool, key));
    }
    return done;
  }

  /** A login that was imported before is left as the gateway has refreshed it since. */
  private async applyAccount(pool: Pool, wanted: SeedAccount, folder: string): Promise<Applied> {
    const text = await loginText(wanted, folder);
    const { outcome } = await this.accounts.importAuthJson(text, { label: wanted.label, poolId: pool.id });
    return { what: `account ${wanted.label} in ${pool.slug}: ${outcome}` };
  }

  private async applyKey(pool: Pool, wanted: SeedKey): Promise<Applied> {
    const secret = wanted.secretEnv === undefined ? undefined : variable(wanted.secretEnv);
    const { token } = await this.keys.ensureKey(pool.id, wanted.label, {
      ...(secret === undefined ? {} : { secret }),
      ...(wanted.models === undefined ? {} : { allowedModels: wanted.models }),
      ...(wanted.maxConcurrent === undefined ? {} : { maxConcurrent: wanted.maxConcurrent }),
    });
    const minted = secret === undefined && token !== undefined;
    return { what: `key ${wanted.label} of ${pool.slug}`, ...(minted ? { token } : {}) };
  }
}

/** What the file says by the name that the Pool has for it; what it does not mention stays as it is. */
const settingsOf = ({ name, settings = {} }: SeedPool): PoolSettings => {
  const { strategy, evidence, anthropicModels, dropParams, ...same } = settings;
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

async function loginText({ label, authJson, authJsonEnv }: SeedAccount, folder: string): Promise<string> {
  if (authJsonEnv !== undefined) return variable(authJsonEnv);
  return readFile(resolve(folder, authJson ?? ''), 'utf8').catch(() => {
    throw new SeedFileUnmet(`The authJson file of account "${label}" cannot be read.`);
  });
}

function variable(name: string): string {
  const value = namedVariable(name);
  if (value === undefined) throw new SeedFileUnmet(`The variable ${name} is not set.`);
  return value;
}
