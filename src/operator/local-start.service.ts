import { readFile } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { KeyAdminService, LocalCallers, PoolService, type Pool } from '../auth/index.js';
import { codexFolder, codexSettings, CONFIG, type Config } from '../platform/config/index.js';
import { AccountLabelRefused, AccountService } from '../upstream/index.js';
import { codexLoginFile } from './codex-login.js';
import { LOCAL_POOL, localSettings } from './local-pool.js';

/** What local mode found and made. */
export interface LocalReport {
  /** The account that was imported from the Codex login, or was before. */
  readonly imported?: string;
  /** Why the login could not be imported although an account is there. */
  readonly refused?: string;
  readonly accounts: number;
  readonly model: string;
  readonly keyWanted: boolean;
}

const CALLER = 'local';
const ACCOUNT = 'local';
/** Of people who use one login after another. */
const LOGINS = 20;

/** Makes one person's gateway out of a Codex login: a Pool, its account, its built-in caller. Safe to repeat. */
@Injectable()
export class LocalStartService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly pools: PoolService,
    private readonly keys: KeyAdminService,
    private readonly accounts: AccountService,
    private readonly callers: LocalCallers,
  ) {}

  /** @throws Error in plain words when there is a login that cannot be used, and no account either */
  async prepare(): Promise<LocalReport> {
    const pool = await this.pool();
    const login = await this.login(pool);
    await this.openDoor(pool);
    return {
      ...login,
      accounts: (await this.accounts.list(pool.id)).length,
      model: pool.defaultModel ?? '',
      keyWanted: this.config.API_KEY !== undefined,
    };
  }

  /** What an operator changed since stays, but the model follows who says one: the start itself, else Codex. */
  private async pool(): Promise<Pool> {
    const found = await this.pools.findPool(LOCAL_POOL);
    const wanted = this.config.DEFAULT_MODEL ?? (await codexSettings(codexFolder(this.config.CODEX_HOME))).model;
    return this.pools.createPool(LOCAL_POOL, localSettings(found, wanted));
  }

  private async login(pool: Pool): Promise<Pick<LocalReport, 'imported' | 'refused'>> {
    const file = this.config.AUTH_JSON ?? codexLoginFile(this.config.CODEX_HOME);
    if (file === undefined) return {};
    try {
      return { imported: await this.importLogin(pool, file) };
    } catch (error) {
      const message = error instanceof Error ? error.message : 'The Codex login cannot be used.';
      const others = await this.accounts.list(pool.id);
      if (this.config.AUTH_JSON !== undefined || others.length === 0) throw error;
      return { refused: message };
    }
  }

  private async importLogin(pool: Pool, file: string): Promise<string> {
    const text = await readFile(file, 'utf8').catch(() => {
      throw new Error('The Codex login (auth.json) cannot be read.');
    });
    for (let n = 1; ; n += 1) {
      const label = n === 1 ? ACCOUNT : `${ACCOUNT}-${n}`;
      try {
        return (await this.accounts.importAuthJson(text, { label, poolId: pool.id })).account.label;
      } catch (error) {
        // Another login of the same person has the name.
        if (n === LOGINS || !isLabelTaken(error)) throw error;
      }
    }
  }

  /** The built-in caller is a key like any other, so that its calls are, too; its secret lives as long as the process. */
  private async openDoor(pool: Pool): Promise<void> {
    const token = await this.keys.renewKey(pool.id, CALLER);
    const { API_KEY } = this.config;
    this.callers.open({ token, ...(API_KEY === undefined ? {} : { apiKey: API_KEY }) });
  }
}

const isLabelTaken = (error: unknown): boolean => error instanceof AccountLabelRefused && error.reason === 'taken';
