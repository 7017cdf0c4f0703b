import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { KeyAdminService, PoolService } from '../auth/index.js';
import { CONFIG, type Config } from '../platform/config/index.js';
import { AccountRefused, AccountService } from '../upstream/index.js';
import { ApplyService } from './apply.service.js';
import { codexLoginFile } from './codex-login.js';

const DEFAULT_POOL = 'default';
const DEFAULT_KEY = 'default';
const LOCAL_ACCOUNT = 'local';

export interface StartWishes {
  /** Import this machine's Codex login. */
  readonly importAuth: boolean;
  /** Make a Pool and a key when there is no Pool at all: for a person, not for a fleet. */
  readonly firstPool: boolean;
}

/** What a start found and made, for the person in front of it. */
export interface StartReport {
  /** Keys that were minted: shown once. */
  readonly minted: readonly { readonly what: string; readonly token: string }[];
  readonly accounts: number;
  /** The account that was imported from this machine's Codex login. */
  readonly imported?: string;
  /** A Codex login on this machine that could be imported. */
  readonly importable?: string;
}

/** Brings a gateway that starts to where somebody can use it: the declarative file, a first Pool and key, a login. */
@Injectable()
export class FirstStartService {
  private readonly log = new Logger(FirstStartService.name);

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly pools: PoolService,
    private readonly keys: KeyAdminService,
    private readonly accounts: AccountService,
    private readonly applying: ApplyService,
  ) {}

  /** @throws Error in plain words when the declarative file or the login cannot be taken */
  async prepare({ importAuth, firstPool }: StartWishes): Promise<StartReport> {
    const minted = [...(await this.applySeedFile()), ...(firstPool ? await this.firstPool() : [])];
    const login = codexLoginFile(this.config.CODEX_HOME);
    if (importAuth && login === undefined) throw new Error('There is no Codex login (auth.json) to import.');
    const imported = importAuth && login !== undefined ? await this.importLogin(login) : undefined;
    const accounts = (await this.accounts.list()).length;
    return {
      minted,
      accounts,
      ...(imported === undefined ? {} : { imported }),
      ...(imported === undefined && accounts === 0 && login !== undefined ? { importable: login } : {}),
    };
  }

  private async applySeedFile(): Promise<StartReport['minted']> {
    const file = this.config.SEED_FILE;
    if (file === undefined) return [];
    const text = await readFile(file, 'utf8').catch(() => {
      throw new Error('SEED_FILE cannot be read.');
    });
    const applied = await this.applying.apply(text, dirname(file));
    return applied.flatMap(({ what, token }) => (token === undefined ? [] : [{ what, token }]));
  }

  /** Without any Pool nobody could be let in. */
  private async firstPool(): Promise<StartReport['minted']> {
    if ((await this.pools.listPools()).length > 0) return [];
    const pool = await this.pools.createPool(DEFAULT_POOL);
    const { token } = await this.keys.createKey(pool.id, DEFAULT_KEY);
    return [{ what: `key ${DEFAULT_KEY} of Pool ${DEFAULT_POOL}`, token }];
  }

  /** @returns undefined when the login is dead, and there are other accounts to serve with */
  private async importLogin(file: string): Promise<string | undefined> {
    const [pool] = await this.pools.listPools();
    const text = await readFile(file, 'utf8');
    const options = { label: LOCAL_ACCOUNT, ...(pool ? { poolId: pool.id } : {}), prove: true };
    try {
      return (await this.accounts.importAuthJson(text, options)).account.label;
    } catch (error) {
      if (!(error instanceof AccountRefused)) throw error;
      const others = await this.accounts.list();
      if (others.every(({ status }) => status === 'login_required')) throw error;
      this.log.warn({ msg: "this machine's Codex login was refused", reason: error.reason });
      return undefined;
    }
  }
}
