import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { request } from 'undici';
import { CONFIG, type Config } from '../platform/config/index.js';
import { SharedState } from '../platform/shared-state/index.js';
import { AccountService, CredentialService } from '../upstream/index.js';

/** One thing that was looked at. `detail` holds no secret. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

const REACH_MS = 5_000;
/** Tokens and quota resets are compared with the clock; more than this and they are read wrongly. */
const MAX_CLOCK_SKEW_MS = 5_000;

/** Looks at everything a gateway leans on. Changes nothing. */
@Injectable()
export class DoctorService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: DataSource,
    private readonly shared: SharedState,
    private readonly accounts: AccountService,
    private readonly credentials: CredentialService,
  ) {}

  async examine(): Promise<Finding[]> {
    const checks: [string, () => Promise<string>][] = [
      ['PostgreSQL', () => this.postgres()],
      ['clock', () => this.clock()],
      ['shared state', () => this.sharedState()],
      ['key ring', () => this.keyRing()],
      ['upstream', () => reach(this.config.UPSTREAM_BASE_URL)],
      ['OAuth issuer', () => reach(this.config.OAUTH_ISSUER_URL)],
    ];
    return Promise.all(
      checks.map(async ([name, check]) => {
        try {
          return { name, ok: true, detail: await check() };
        } catch (error) {
          return { name, ok: false, detail: error instanceof Unwell ? error.message : 'did not answer' };
        }
      }),
    );
  }

  private async postgres(): Promise<string> {
    const startedAt = performance.now();
    const [row] = await this.database.query<{ server_version: string }[]>('SHOW server_version');
    return `version ${row?.server_version ?? 'unknown'}, answered in ${(performance.now() - startedAt).toFixed(1)} ms`;
  }

  private async clock(): Promise<string> {
    const [row] = await this.database.query<{ now: Date }[]>('SELECT now() AS now');
    const skewMs = Math.abs(Date.now() - (row?.now.getTime() ?? 0));
    if (skewMs > MAX_CLOCK_SKEW_MS) throw new Unwell(`${skewMs} ms apart from the database's`);
    return 'agrees with the database';
  }

  private async sharedState(): Promise<string> {
    if (this.shared.reach === 'process') return 'in the process (no REDIS_URL): one process only';
    const startedAt = performance.now();
    const key = `doctor:${randomUUID()}`;
    await this.shared.put(key, 'x', 1_000);
    await this.shared.drop(key);
    return `Redis, two commands in ${(performance.now() - startedAt).toFixed(1)} ms`;
  }

  /** Opening what was sealed is the only proof that the ring still has the key. */
  private async keyRing(): Promise<string> {
    const accounts = (await this.accounts.list()).filter(({ status }) => status !== 'login_required');
    const opened = await Promise.allSettled(accounts.map((account) => this.credentials.access(account)));
    const closed = opened.filter(({ status }) => status === 'rejected').length;
    if (closed > 0) throw new Unwell(`the tokens of ${closed} of ${opened.length} accounts cannot be opened`);
    return `opens the tokens of ${opened.length} accounts`;
  }
}

class Unwell extends Error {
  override readonly name = 'Unwell';
}

async function reach(origin: string): Promise<string> {
  const signal = AbortSignal.timeout(REACH_MS);
  const { statusCode, body } = await request(origin, { method: 'HEAD', signal });
  await body.dump();
  return `${origin} answered ${statusCode}`;
}
