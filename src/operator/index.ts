export { ApplyService, type Applied } from './apply.service.js';
export { FirstStartService, type StartReport } from './first-start.service.js';
export { OperatorModule } from './operator.module.js';
export { commandLine } from './commands/program.js';
export { CommandFailed, type CommandContext, type Services } from './commands/context.js';
