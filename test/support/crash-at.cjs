/**
 * Loaded into a gateway or a worker before its own code. From SIGUSR2 on it kills itself with SIGKILL exactly at the step
 * that CRASH_AT names, as soon as CRASH_CALLS calls have come there.
 */
require('reflect-metadata');
const { resolve } = require('node:path');

const built = (path) => require(resolve(__dirname, '../../dist/src', path));
const { CRASH_AT, CRASH_CALLS, CRASH_TOGETHER } = process.env;
const calls = Number(CRASH_CALLS);
const die = () => process.kill(process.pid, 'SIGKILL');

let armed = false;
/** Whether the calls that this process is to die for are in the outbox. */
let due = CRASH_TOGETHER === undefined;
process.once('SIGUSR2', () => {
  armed = true;
  process.stdout.write('armed\n');
});

/** @param replace once armed: gets the method and its arguments, and `this` is the instance */
function patch({ prototype, name }, method, replace) {
  const own = prototype[method];
  if (typeof own !== 'function') throw new Error(`There is no ${name}.${method} to crash at.`);
  prototype[method] = function (...args) {
    return armed ? replace.call(this, own, ...args) : own.apply(this, args);
  };
}

/** The instance as it is, on another database. */
const on = (instance, database) => Object.create(instance, { database: { value: database } });

const settlements = () => built('accounting/settlement.repository.js').SettlementRepository;

/** Records go into the outbox all at once: smaller batches fail, and are tried again with those that came meanwhile. */
const together = (write) =>
  patch(settlements(), 'keep', async function (keep, records) {
    if (records.length < calls) throw new Error('The others are not here yet.');
    return write(() => keep.call(this, records));
  });

/** The settlement of a job, when there is something left to settle. */
const inTheWorker = ({ committed }) => {
  const { TAKE } = built('accounting/outbox-sql.js');
  patch(settlements(), 'settleTogether', function (settle, callIds, by) {
    let took = false;
    const transaction = async (work) => {
      await this.database.transaction(async (manager) => {
        const query = async (sql, parameters) => {
          const rows = await manager.query(sql, parameters);
          if (sql === TAKE) took = by === 'queue' && rows[0]?.callIds?.length > 0;
          return rows;
        };
        await work({ query });
        if (took && due && !committed) die();
      });
      if (took && due) die();
    };
    return settle.call(on(this, { transaction }), callIds, by);
  });
};

/** A roll-up that has something to roll up. */
const inTheRollUp = ({ committed }) =>
  patch(built('accounting/rollups/rollup.service.js').RollupService, 'rollUp', function (rollUp, ...args) {
    const query = async (sql, parameters) => {
      const rows = await this.database.transaction(async (manager) => {
        const rolled = await manager.query(sql, parameters);
        if (rolled[0]?.deltas > 0 && due && !committed) die();
        return rolled;
      });
      if (rows[0]?.deltas > 0 && due) die();
      return rows;
    };
    return rollUp.apply(on(this, { query }), args);
  });

const STEPS = {
  received: () => {
    let come = 0;
    patch(built('exchange/entry.service.js').EntryService, 'enter', async function (enter, ...args) {
      await enter.apply(this, args);
      come += 1;
      if (come >= calls) die();
      return new Promise(() => undefined);
    });
  },
  intended: () => {
    let committed = 0;
    patch(built('accounting/intent.repository.js').IntentRepository, 'write', async function (write, lines) {
      const refused = await write.call(this, lines);
      committed += lines.filter((line) => 'request' in line).length;
      if (committed >= calls) die();
      return refused;
    });
  },
  // The test kills it, when it knows that the clients have got everything.
  sent: () => patch(built('accounting/ledger.service.js').LedgerService, 'settle', () => undefined),
  'before-outbox': () => together(die),
  'after-outbox': () => together((keep) => keep().then(die)),
  'worker-before-commit': () => inTheWorker({ committed: false }),
  'worker-after-commit': () => inTheWorker({ committed: true }),
  'roll-up-before-commit': () => inTheRollUp({ committed: false }),
  'roll-up-after-commit': () => inTheRollUp({ committed: true }),
};

STEPS[CRASH_AT]();
if (CRASH_TOGETHER !== undefined) {
  together((keep) => {
    due = true;
    return keep();
  });
}
