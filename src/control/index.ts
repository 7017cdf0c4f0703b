export { sees, type Actor } from './actor.js';
export { CONTROL_ERRORS, ControlError, notFound, type ControlErrorCode, type InputProblem } from './control-error.js';
export { ControlService, type Done, type Wishes } from './control.service.js';
export { operation, OperationSet, type Operation, type OperationCall, type Target } from './operation.js';
export { OperationRegistry } from './operation-registry.service.js';
export { pageIn, pageOf, PAGE_INPUT } from './page.js';
export { allows, SCOPES, type Scope } from './scope.js';
