import { Option, type Command } from 'commander';
import {
  CALL_OPERATIONS,
  CALL_TRANSPORTS,
  explanationView,
  pastExplanationView,
  type ExplanationView,
} from '../../control/index.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { explanationWords, pastWords } from './explain-words.js';

interface Options {
  readonly pool?: string;
  readonly model?: string;
  readonly key?: string;
  readonly session?: string;
  readonly cacheKey?: string;
  readonly operation?: ExplanationView['operation'];
  readonly transport?: ExplanationView['transport'];
  readonly request?: string;
  readonly json?: true;
}

export function explainCommand(program: Command, context: CommandContext): void {
  program
    .command('explain')
    .description('which accounts may serve a call, in which order, and why not the others')
    .option('--pool <slug>', 'Pool of the call')
    .option('--model <model>', 'model that it asks for')
    .option('--key <key>', 'label or prefix of the key that it is made with')
    .option('--session <name>', 'session that it is of, as the client of that key names it')
    .option('--cache-key <key>', 'prompt cache key that it has')
    .addOption(new Option('--operation <name>', 'what it asks for, else responses').choices(CALL_OPERATIONS))
    .addOption(new Option('--transport <name>', 'how it comes, else http').choices(CALL_TRANSPORTS))
    .option('--request <id>', 'instead: a past call, by its id or the x-request-id that the client saw')
    .option('--json', 'for machines')
    .action((options: Options) => explain(context, options));
}

async function explain(context: CommandContext, { request, json, pool, ...more }: Options): Promise<void> {
  if (request !== undefined) return explainPast(context, request, json === true);
  if (pool === undefined) throw new CommandFailed('Say --pool and --model, or --request.');
  const explained = await withOperations(context, (operations) =>
    operations.ask('explain.route', { pool, ...more }, explanationView),
  );
  context.out(json ? JSON.stringify(explained, undefined, 2) : explanationWords(explained));
}

async function explainPast(context: CommandContext, id: string, asJson: boolean): Promise<void> {
  const past = await withOperations(context, (operations) =>
    operations.ask('explain.request', { request: id }, pastExplanationView),
  );
  context.out(asJson ? JSON.stringify(past, undefined, 2) : pastWords(past));
}
