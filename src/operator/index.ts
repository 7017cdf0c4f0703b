export { FirstStartService, type StartReport } from './first-start.service.js';
export { LocalStartService, type LocalReport } from './local-start.service.js';
export { OperatorModule } from './operator.module.js';
export { commandLine } from './commands/program.js';
export { type CommandContext, type Services } from './commands/context.js';
export { LocalOperations } from './client/local-operations.adapter.js';
