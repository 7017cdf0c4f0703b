import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { GatewayError } from '../../core/index.js';
import { ControlError, noCall } from '../control-error.js';
import { ExplainService } from '../explain/explain.service.js';
import type { Explanation } from '../explain/explanation.js';
import { poolsOf } from '../ledger-filters.service.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { said } from '../said.js';
import { CALL_OPERATIONS, CALL_TRANSPORTS, explanationView, pastExplanationView } from '../views/explanation-view.js';
import { NamedThings } from './named-things.service.js';

const word = z.string().min(1).max(200);

const question = z.object({
  pool: word.describe('slug'),
  model: z.string().max(200).default('').describe('that the call asks for; needed where its operation has one'),
  key: word
    .optional()
    .describe('label or prefix of the key that it is made with; absent: any without limits of its own'),
  session: z.string().min(1).max(1_000).optional().describe('that it is of, as the client of that key names it'),
  cacheKey: z.string().min(1).max(1_000).optional().describe('prompt cache key that it has'),
  operation: z.enum(CALL_OPERATIONS).optional().describe('what it asks for; absent: responses'),
  transport: z.enum(CALL_TRANSPORTS).optional().describe('how it comes; absent: http'),
});

/** Why this account, and why not that one. */
@Injectable()
export class ExplainOperations extends OperationSet {
  constructor(
    private readonly explain: ExplainService,
    private readonly named: NamedThings,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'explain.route',
      summary: 'Which accounts may serve a call that nobody makes, in which order, and why not the others',
      // Names of sessions stay out of URLs, and of the logs that those are in.
      method: 'POST',
      path: '/explain/route',
      scope: 'read',
      input: question,
      output: explanationView,
      run: async (asked, call) => explanationView.parse(await this.route(asked, call)),
    }),
    operation({
      name: 'explain.request',
      summary: 'What became of a past call, and why',
      method: 'GET',
      path: '/explain/requests/{request}',
      scope: 'read',
      input: z.object({ request: word.describe('id of the call, or the x-request-id that its client saw') }),
      output: pastExplanationView,
      run: async ({ request: id }, { actor }) => {
        const past = await this.explain.past(id, poolsOf(actor));
        if (past === undefined) throw noCall();
        return past;
      },
    }),
  ];

  private async route(asked: z.output<typeof question>, call: OperationCall): Promise<Explanation> {
    await this.named.pool(asked.pool, call);
    try {
      return await this.explain.now(said(asked));
    } catch (thrown) {
      if (thrown instanceof GatewayError)
        throw new ControlError('unprocessable', `Such a call is refused: ${thrown.code}.`);
      throw thrown;
    }
  }
}
