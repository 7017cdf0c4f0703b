require('reflect-metadata');
const { LedgerService, LimitsService, PriceService } = require('../dist/src/accounting/index.js');

/** The command line, for comparison: with all of accounting gone. There are no rows, no limits and no costs. */
const nothing = { attempt() {}, reserve() {}, durable: () => Promise.resolve() };
Object.assign(LedgerService.prototype, { intend: () => nothing, settle() {}, reject() {} });
Object.assign(LimitsService.prototype, { reserve: () => Promise.resolve(undefined) });
Object.assign(PriceService.prototype, { costOf: () => ({ status: 'none' }), estimateOf: () => ({ status: 'none' }) });

require('../dist/src/cli.js');
