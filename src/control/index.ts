export { sees, type Actor } from './actor.js';
export { CONTROL_ERRORS, ControlError, type ControlErrorCode, type InputProblem } from './control-error.js';
export { ControlModule } from './control.module.js';
export { ControlService } from './control.service.js';
export { ControlWorkerModule } from './control-worker.module.js';
export { DRY_RUN, type Done, type Wishes } from './done.js';
export type { Operation, OperationCall } from './operation.js';
export { OperationRegistry } from './operation-registry.service.js';
export { pageOf } from './page.js';
