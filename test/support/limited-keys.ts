import { randomUUID } from 'node:crypto';
import { LimitStatusService, type LimitStatus } from '../../src/accounting/index.js';
import { LimitRebuildService, type RebuildResult } from '../../src/accounting/limits/limit-rebuild.service.js';
import { KeyAdminService, UsageLimitService, type LimitValues, type PoolKey } from '../../src/auth/index.js';
import { eventually } from './eventually.js';
import { bearer } from './file-client.js';
import { ask, PATH, type TestGateway } from './gateway.js';
import { say, usage, type ScriptedUpstream } from './scripted-upstream/index.js';

const DAY_MS = 86_400_000;

/** Unix time in milliseconds at which the windows that hold what was used today alone begin anew. */
export const RESETS = {
  day: () => (Math.floor(Date.now() / DAY_MS) + 1) * DAY_MS,
  week: () => (Math.floor(Date.now() / DAY_MS) + 7) * DAY_MS,
  month: () => Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 1, 1),
};

/** More than small limits allow. */
export const MUCH = usage(1_000_000, 0, 10, 0);

/** A key that no other test touches, and its limits. */
export class LimitedKey {
  private constructor(
    private readonly gateway: TestGateway,
    private readonly upstream: ScriptedUpstream,
    readonly key: PoolKey,
    readonly token: string,
  ) {}

  static async make(gateway: TestGateway, upstream: ScriptedUpstream, values: LimitValues): Promise<LimitedKey> {
    const { key, token } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID());
    const limited = new LimitedKey(gateway, upstream, key, token);
    await limited.limit(values);
    return limited;
  }

  limit(values: LimitValues, model?: string): Promise<void> {
    return this.gateway.get(UsageLimitService).setLimit({ keyId: this.key.id }, values, model);
  }

  post(body: unknown, path = PATH): Promise<Response> {
    return this.gateway.post(body, { path, headers: bearer(this.token) });
  }

  /** A call that is answered, and reported to have used this much, once it is settled. */
  async use(reported = MUCH, over: object = {}): Promise<void> {
    this.upstream.replyWith(say('Hello', { usage: reported }));
    const before = await this.entries();
    const answer = await this.post(ask(over));
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('response.completed')]);
    await eventually(async () => expect(await this.entries()).toBe(before + 1));
  }

  /** How many of its calls are in the ledger: those that were served, or those that were turned away. */
  async entries(rejected = false): Promise<number> {
    const sql = `SELECT count(*)::int AS entries FROM ledger_entry WHERE key_id = $1 AND (outcome = 'rejected') = $2`;
    return (await this.gateway.database().query<[{ entries: number }]>(sql, [this.key.id, rejected]))[0].entries;
  }

  async status(): Promise<LimitStatus[]> {
    return this.gateway.get(LimitStatusService).statusOf(await this.limits(), Date.now());
  }

  /** Compares its counters with the ledger, as the job does. */
  async rebuild(): Promise<RebuildResult> {
    return this.gateway.get(LimitRebuildService).rebuild(await this.limits());
  }

  private limits() {
    return this.gateway.get(UsageLimitService).limitsOf({ keyId: this.key.id });
  }
}
