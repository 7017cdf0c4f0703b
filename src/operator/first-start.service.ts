import { readFile } from 'node:fs/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { PoolService } from '../auth/index.js';
import { CONFIG, type Config } from '../platform/config/index.js';
import { AccountRefused, AccountService } from '../upstream/index.js';
import { codexLoginFile } from './codex-login.js';
import { FirstDoors } from './first-doors.service.js';
import { SeedFileStart } from './seed-file-start.service.js';

const LOCAL_ACCOUNT = 'local';

export interface StartWishes {
  /** Import this machine's Codex login. */
  readonly importAuth: boolean;
  /** Make a Pool and a key, and a token for the operator, where there are none: for a person, not for a fleet. */
  readonly firstPool: boolean;
}

/** What a start found and made, for the person in front of it. */
export interface StartReport {
  /** Keys and tokens that were minted: shown once. */
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
    private readonly accounts: AccountService,
    private readonly file: SeedFileStart,
    private readonly doors: FirstDoors,
  ) {}

  /** @throws Error in plain words when the declarative file or the login cannot be taken */
  async prepare({ importAuth, firstPool }: StartWishes): Promise<StartReport> {
    const made = [...(await this.file.apply()), ...(await this.doors.open(firstPool))];
    const minted = made.flatMap(({ what, token }) => (token === undefined ? [] : [{ what, token }]));
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
