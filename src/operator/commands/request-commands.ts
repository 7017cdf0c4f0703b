import type { Command } from 'commander';
import { RequestLogService, type LoggedRequest } from '../../accounting/index.js';
import { CommandFailed, withServices, type CommandContext } from './context.js';
import { costOfEntry, tokensOfEntry } from './request-cost.js';
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
  const found = await withServices(context, (services) => services.get(RequestLogService).find(id));
  if (!found) throw new CommandFailed('No call of that id is known.');
  context.out(asJson ? JSON.stringify(found, undefined, 2) : described(found));
}

const elapsedMs = (from: Date, to: Date | undefined): string =>
  to === undefined ? '-' : `${to.getTime() - from.getTime()} ms`;

function described(request: LoggedRequest): string {
  const { ledger, receivedAt } = request;
  const usage = ledger?.usage;
  const summary = table(
    [
      {
        model: ledger?.model ?? request.model,
        outcome: ledger?.outcome ?? request.status,
        status: request.httpStatus,
        error: request.errorCode,
        tokens: tokensOfEntry(ledger),
        input: usage?.inputUncached,
        cached: usage?.inputCached,
        output: usage?.output,
        reasoning: usage?.reasoning,
        cost_usd: costOfEntry(ledger),
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

const remarks = ({ ledger, decision, callId }: LoggedRequest): string[] => [
  ...priceRemarks(ledger),
  ...(ledger?.metered ? ['metered: what it used is paid for by itself'] : []),
  ...(decision ? [`why: codex-pooler explain --request ${callId}`] : []),
];

const priceRemarks = (ledger: LoggedRequest['ledger']): string[] => {
  const { cost, estimate } = ledger ?? {};
  return [
    ...(estimate ? [`estimate: ${estimate.input} tokens in, ${estimate.output} out; the upstream did not say`] : []),
    ...(cost?.priceVersion === undefined ? [] : [`prices: list of ${cost.priceVersion}`]),
  ];
};
