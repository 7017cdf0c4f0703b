export { type AnswerBatch, type AnswerHead, type AnswerPart } from './answer.js';
export { ExchangeModule } from './exchange.module.js';
export { ExchangeService, type Opener } from './exchange.service.js';
export { type ExchangeSession } from './session.js';
export { SessionService } from './sessions.service.js';
