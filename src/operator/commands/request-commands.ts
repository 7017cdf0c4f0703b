import type { Command } from 'commander';
import { requestDetailView, type RequestDetailView } from '../../control/index.js';
import { withOperations, type CommandContext } from './context.js';
import { costOf, tokensOf } from './request-columns.js';
import { requestListCommand } from './request-list-command.js';
import { table } from './table.js';

export function requestCommands(program: Command, context: CommandContext): void {
  const request = program.command('request').description('what the ledger says of calls');
  requestListCommand(request, context);
  request
    .command('show')
    .description('one call: its attempts, tokens and times')
    .argument('<id>', 'call id, or the x-request-id that the client saw')
    .option('--json', 'for machines')
    .action((id: string, options: { json?: true }) => showRequest(context, id, options.json === true));
}

async function showRequest(context: CommandContext, id: string, asJson: boolean): Promise<void> {
  const found = await withOperations(context, (operations) =>
    operations.ask('requests.get', { request: id }, requestDetailView),
  );
  context.out(asJson ? JSON.stringify(found, undefined, 2) : described(found));
}

const elapsedMs = (from: string, to: string | null): string =>
  to === null ? '-' : `${Date.parse(to) - Date.parse(from)} ms`;

function described(request: RequestDetailView): string {
  const { usage, receivedAt } = request;
  const summary = table(
    [
      {
        model: request.actualModel ?? request.model,
        outcome: request.status,
        status: request.httpStatus,
        error: request.errorCode,
        tokens: tokensOf(request),
        input: usage?.inputUncached,
        cached: usage?.inputCached,
        output: usage?.output,
        reasoning: usage?.reasoning,
        cost_usd: costOf(request),
        first_event: elapsedMs(receivedAt, request.firstEventAt),
        total: elapsedMs(receivedAt, request.completedAt),
      },
    ],
    '',
  );
  const attempts = table(
    request.attempts.map((attempt) => ({
      attempt: attempt.number,
      account: attempt.accountLabel,
      outcome: attempt.status,
      error: attempt.errorCode,
      upstream_status: attempt.upstreamStatus,
      took: elapsedMs(attempt.startedAt, attempt.completedAt),
    })),
    'No account was asked.',
  );
  const excluded = request.exclusions.map(({ label, reason }) => `not asked: ${label} (${reason})`);
  return [summary, attempts, ...excluded, ...remarks(request)].join('\n');
}

const remarks = (request: RequestDetailView): string[] => [
  ...priceRemarks(request),
  ...(request.metered ? ['metered: what it used is paid for by itself'] : []),
  ...(request.decision ? [`why: codex-pooler explain --request ${request.id}`] : []),
];

const priceRemarks = ({ estimate, priceVersion }: RequestDetailView): string[] => [
  ...(estimate ? [`estimate: ${estimate.input} tokens in, ${estimate.output} out; the upstream did not say`] : []),
  ...(priceVersion === null ? [] : [`prices: list of ${priceVersion}`]),
];
