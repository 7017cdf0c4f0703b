import type { Rule } from './oracle.js';
import { REAL, type Subject } from './subject.js';

/** A mistake that the simulation has to find, and as what. */
export interface Mutant {
  readonly subject: Subject;
  readonly foundAs: readonly Rule[];
}

const { route, pinOf, callFor, circuit, permit, leaseTable, withReport } = REAL;

/** Calls go to accounts as if they were better, or worse, than they are. */
const routing = (change: (world: Parameters<typeof route>[0]) => Parameters<typeof route>[0]): Subject => ({
  ...REAL,
  route: (snapshot, call, nowMs) => route(change(snapshot), call, nowMs),
});

const leasing = (over: (table: ReturnType<typeof leaseTable>) => Partial<ReturnType<typeof leaseTable>>): Subject => ({
  ...REAL,
  leaseTable: () => {
    const table = leaseTable();
    const own: ReturnType<typeof leaseTable> = {
      acquire: (...args) => table.acquire(...args),
      renew: (...args) => table.renew(...args),
      release: (...args) => table.release(...args),
      held: (...args) => table.held(...args),
      get size() {
        return table.size;
      },
    };
    return Object.assign(own, over(table));
  },
});

/** Mistakes as programs have them, each made in one place of the real rules. */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  'cooldowns are not looked at': {
    subject: routing(({ accounts, pool }) => ({
      accounts: accounts.map((account) => ({ ...account, coolingUntilMs: 0 })),
      pool,
    })),
    foundAs: ['excluded account asked'],
  },
  'accounts of unknown quota are hidden under optimistic': {
    subject: routing(({ accounts, pool }) => ({
      accounts,
      pool: { ...pool, routing: { ...pool.routing, evidence: 'strict' } },
    })),
    foundAs: ['able account not asked'],
  },
  'a window that is over still counts': {
    subject: routing(({ accounts, pool }) => ({
      accounts: accounts.map((account) => ({
        ...account,
        windows: account.windows.map((window) => ({ ...window, resetsAtMs: window.resetsAtMs + 3_600_000 })),
      })),
      pool,
    })),
    foundAs: ['able account not asked'],
  },
  'required pins are preferences': {
    subject: {
      ...REAL,
      pinOf: (...args) => {
        const pin = pinOf(...args);
        return pin && { ...pin, required: false };
      },
    },
    foundAs: ['pin broken'],
  },
  'sessions do not stay': {
    subject: {
      ...REAL,
      pinOf: (...args) => {
        const pin = pinOf(...args);
        return pin?.required === true ? pin : undefined;
      },
    },
    foundAs: ['pin broken'],
  },
  'reasoning is left in for everybody': {
    subject: { ...REAL, callFor: (call) => call },
    foundAs: ['sealed content sent to a stranger'],
  },
  'what the beginning of a moved session is does not matter': {
    subject: {
      ...REAL,
      callFor: (call, id, known) => {
        const { home, minted } = known;
        return home?.id === id ? call : callFor(call, id, { minted, ...(home ? { home } : {}) });
      },
    },
    foundAs: ['sealed content sent to a stranger'],
  },
  'a lease is lost now and then': {
    subject: leasing((table) => ({
      release: (keys, token, nowMs) => {
        if (!token.endsWith('7')) table.release(keys, token, nowMs);
      },
      renew: () => undefined,
      held: (key) => table.held(key, 0),
    })),
    foundAs: ['lease lost'],
  },
  'limits are not limits': {
    subject: leasing((table) => ({
      acquire: (places, ...rest) =>
        table.acquire(
          places.map(({ limit: _, ...place }) => place),
          ...rest,
        ),
    })),
    foundAs: ['limit exceeded'],
  },
  'circuits never close': {
    subject: { ...REAL, circuit: { ...circuit, succeeded: (one) => one } },
    foundAs: ['hidden for ever', 'health without a reason'],
  },
  'a probe that says nothing is never released': {
    subject: { ...REAL, circuit: { ...circuit, neutral: (one) => one } },
    foundAs: ['hidden for ever'],
  },
  'one failure opens a circuit': {
    subject: { ...REAL, circuit: { ...circuit, failed: circuit.openedAtOnce } },
    foundAs: ['health without a reason'],
  },
  'failures are not counted': {
    subject: { ...REAL, circuit: { ...circuit, failed: (one) => one } },
    foundAs: ['health without a reason'],
  },
  'a refusal says nothing of its account': {
    subject: {
      ...REAL,
      withReport: (known, seen, nowMs) => (seen.report.source === 'error' ? known : withReport(known, seen, nowMs)),
      permit: (found, attempted, clock) => permit({ ...found, cooldowns: { mark: () => undefined } }, attempted, clock),
    },
    foundAs: ['asked again'],
  },
  'nobody waits': {
    subject: { ...REAL, soonestClear: () => undefined },
    foundAs: ['waited in vain'],
  },
};
