import { Option, type Command } from 'commander';
import { OPERATIONS } from '../../core/index.js';
import { ExplainService } from '../explain/explain.service.js';
import type { ExplainQuestion } from '../explain/explanation.js';
import { CommandFailed, withServices, type CommandContext } from './context.js';
import { explanationWords, pastWords } from './explain-words.js';

interface Options extends Partial<ExplainQuestion> {
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
    .addOption(new Option('--operation <name>', 'what it asks for, else responses').choices(Object.keys(OPERATIONS)))
    .addOption(new Option('--transport <name>', 'how it comes, else http').choices(['http', 'websocket']))
    .option('--request <id>', 'instead: a past call, by its id or the x-request-id that the client saw')
    .option('--json', 'for machines')
    .action((options: Options) => explain(context, options));
}

async function explain(context: CommandContext, { request, json, pool, ...more }: Options): Promise<void> {
  if (request !== undefined) return explainPast(context, request, json === true);
  if (pool === undefined) throw new CommandFailed('Say --pool and --model, or --request.');
  const question = { pool, model: '', ...more };
  const explained = await withServices(context, (services) => services.get(ExplainService).now(question));
  context.out(json ? JSON.stringify(explained, undefined, 2) : explanationWords(explained));
}

async function explainPast(context: CommandContext, id: string, asJson: boolean): Promise<void> {
  const past = await withServices(context, (services) => services.get(ExplainService).past(id));
  if (!past) throw new CommandFailed('No call of that id is known.');
  context.out(asJson ? JSON.stringify(past, undefined, 2) : pastWords(past));
}
