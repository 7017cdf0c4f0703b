import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { GatewayError, LoginRequired, type AccountAccess, type AccountId } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { LoginFamilies } from '../../../test/support/login-families.js';
import { Replica } from '../../../test/support/replica.js';

const FULL = process.env['DRILLS'] === 'full';
const RUNS = FULL ? 150 : 12;
const SEED = 20_261_103;
const REPLICAS = 4;
const ACCOUNTS = 3;
/** Later than any token's end. */
const LATER_MS = 4_000_000_000_000;

const MISHAPS = [
  'none',
  'unsent',
  'declined',
  'cut',
  'lost before',
  'lost after',
  'died before',
  'died after',
] as const;
const MEANWHILE = ['nothing', 'nothing', 'pause', 'relink'] as const;

/** A token ends, and several need another one at the same time; something may go wrong with the first that asks. */
interface End {
  readonly account: number;
  readonly callers: readonly number[];
  readonly worker: boolean;
  readonly mishap: (typeof MISHAPS)[number];
  readonly meanwhile: (typeof MEANWHILE)[number];
}

const end: fc.Arbitrary<End> = fc.record({
  account: fc.nat(ACCOUNTS - 1),
  callers: fc.array(fc.nat(REPLICAS - 1), { minLength: 1, maxLength: 8 }),
  worker: fc.boolean(),
  mishap: fc.constantFrom(...MISHAPS),
  meanwhile: fc.constantFrom(...MEANWHILE),
});

interface Account {
  readonly id: AccountId;
  readonly label: string;
  /** Answers that were lost since its last login or its last new tokens, and whether one of them held new tokens. */
  answersLost: number;
  spent: boolean;
}

interface Row {
  readonly status: string;
  readonly status_reason: string | null;
  readonly refresh_state: string;
  readonly epoch: number;
}

describe('any schedule of ends, deaths and new logins', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  const database = useDatabase();
  let replicas: Replica[] = [];
  let logins = new LoginFamilies();

  const launch = () => new Replica(database.dataSource(), (token) => logins.refresh(token));
  const rowOf = async ({ id }: Account): Promise<Row> => {
    const sql = `SELECT status, status_reason, refresh_state, credential_epoch::int AS epoch FROM upstream_account WHERE id = $1`;
    const [row] = await database.dataSource().query<Row[]>(sql, [id]);
    if (row === undefined) throw new Error('no account');
    return row;
  };
  const anyone = (): Replica => {
    const alive = replicas.find((replica) => replica.alive);
    if (alive === undefined) throw new Error('nobody is alive');
    return alive;
  };

  /** The first request to the login server meets the mishap; the others are answered. */
  function arrange(account: Account, { mishap, meanwhile }: End): void {
    let met = false;
    for (const replica of replicas) {
      replica.next(async (ask) => {
        if (met) return ask();
        met = true;
        await disturb(account, meanwhile);
        const [what, when] = mishap.split(' ');
        if (what === 'unsent') throw new GatewayError('upstream_request_failed', mishap, { unsent: true });
        if (what === 'declined') throw new GatewayError('upstream_error', mishap, { upstreamStatus: 503 });
        const tokens = when === 'before' ? undefined : await ask();
        if (when !== undefined) lose(account, meanwhile, when === 'after');
        if (what === 'died') return died(account, replica);
        if (what === 'lost' || tokens === undefined) throw new GatewayError('upstream_request_failed', mishap);
        if (what === 'cut') replica.cut(2);
        return tokens;
      });
    }
  }

  /** An answer that was about a login which is not there any more is no loss. */
  function lose(account: Account, meanwhile: End['meanwhile'], spent: boolean): void {
    if (meanwhile === 'relink') return;
    account.answersLost += 1;
    account.spent ||= spent;
  }

  async function disturb(account: Account, meanwhile: End['meanwhile']): Promise<void> {
    if (meanwhile === 'pause') await anyone().lifecycle.pause(account.id);
    if (meanwhile !== 'relink') return;
    await anyone().relink(account.id, logins.login(account.label).authJson);
    Object.assign(account, { answersLost: 0, spent: false });
  }

  /** What became of those who are not dead themselves. */
  async function outcomes(account: Account, { callers, worker }: End, epoch: number): Promise<unknown[]> {
    const asked = callers.map(async (index): Promise<AccountAccess> => {
      const replica = replicas[index];
      if (replica === undefined) throw new Error('no replica');
      const refreshed = replica.credentials.refreshed(account.id, epoch);
      return Promise.race([refreshed, deathOf(replica)]);
    });
    const busy = anyone();
    const work = worker ? [Promise.race([busy.tokens.refresh(account.id, LATER_MS), deathOf(busy)])] : [];
    const settled = await Promise.allSettled([...asked, ...work]);
    return settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  }

  /** Long ago, as far as the others can see: the next who looks takes over. */
  async function died({ id }: Account, replica: Replica): Promise<never> {
    const sql = `UPDATE upstream_account SET refresh_started_at = refresh_started_at - interval '1 min' WHERE id = $1`;
    await database.dataSource().query(sql, [id]);
    return replica.die();
  }

  async function deathOf(replica: Replica): Promise<never> {
    await replica.death;
    throw new Error('dead');
  }

  async function happens(account: Account, event: End): Promise<void> {
    const before = await rowOf(account);
    const reuses = logins.reuses;
    const doomed = account.spent;
    arrange(account, event);
    const failures = await outcomes(account, event, before.epoch);
    for (const replica of replicas) replica.next(undefined);
    replicas = replicas.map((replica) => (replica.alive ? replica : launch()));
    await anyone().tokens.list(Date.now());
    const after = await rowOf(account);
    const lost = failures.some((failure) => failure instanceof LoginRequired);
    // Only a lost answer ever shows a refresh token twice, and only once.
    if (logins.reuses > reuses) expect([logins.reuses, account.spent || doomed]).toEqual([reuses + 1, true]);
    if (after.status === 'login_required') {
      expect([after.status_reason, account.answersLost > 0]).toEqual(['refresh_outcome_unknown', true]);
    } else {
      expect(lost).toBe(false);
      // Whatever happened, the row holds the login, or says that it may not.
      const holds = logins.wouldTake(await anyone().refreshToken(account.id));
      if (!holds) expect([after.refresh_state, account.spent]).toEqual(['outcome_unknown', true]);
      if (after.refresh_state === 'idle') Object.assign(account, { answersLost: 0, spent: false });
    }
    expect(after.refresh_state).not.toBe('in_flight');
    if (after.status !== 'active') await repaired(account, after);
  }

  async function repaired(account: Account, { status }: Row): Promise<void> {
    if (status === 'login_required') await disturb(account, 'relink');
    else await anyone().lifecycle.resume(account.id);
  }

  it('never uses a refresh token twice but after a lost answer, loses no other, and says so', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(end, { minLength: 1, maxLength: 12 }), async (events) => {
        await database.dataSource().query('TRUNCATE upstream_account CASCADE');
        logins = new LoginFamilies();
        replicas = Array.from({ length: REPLICAS }, launch);
        const accounts: Account[] = [];
        for (const label of Array.from({ length: ACCOUNTS }, (_, index) => `account ${index}`)) {
          const id = await anyone().link(logins.login(label).authJson, label);
          accounts.push({ id, label, answersLost: 0, spent: false });
        }
        for (const event of events) {
          const account = accounts[event.account];
          if (account !== undefined) await happens(account, event);
        }
        expect(logins.mostAtOnce).toBeLessThanOrEqual(1);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  }, 600_000);
});
