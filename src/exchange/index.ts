export { type AnswerBatch, type AnswerHead, type AnswerPart } from './answer.js';
export { ExchangeModule } from './exchange.module.js';
export { ExchangeService } from './exchange.service.js';
