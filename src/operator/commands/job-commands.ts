import type { Command } from 'commander';
import { jobRunView, jobView, pageOf, queuesView } from '../../control/index.js';
import { all } from './all-pages.js';
import { withOperations, type CommandContext } from './context.js';
import { jobLines, listedJobs, plainJob } from './job-words.js';
import { table } from './table.js';

const RUNS = { view: pageOf(jobRunView), perPage: 200 };
const JOBS = { view: pageOf(jobView), perPage: 200 };

export function jobCommands(program: Command, context: CommandContext): void {
  const jobs = program.command('jobs').description('what workers do by themselves');
  jobs
    .command('list')
    .description('what came of each job last, when it is due again, and what waits in the queues')
    .option('--json', 'for machines')
    .action((options: { json?: true }) => listJobs(context, options.json === true));
  jobs
    .command('run')
    .description('have a worker do a recurring job now')
    .argument('<name>', 'as `jobs list` names it; the part after the slash will do where it is the only one')
    .action((name: string) => runJob(context, name));
}

async function listJobs(context: CommandContext, asJson: boolean): Promise<void> {
  const { jobs, at, queues } = await withOperations(context, async (operations) => ({
    jobs: listedJobs(await all(operations, 'jobs.runs', {}, RUNS), await all(operations, 'jobs.list', {}, JOBS)),
    ...named(await operations.ask('jobs.queues', {}, queuesView)),
  }));
  if (asJson) return context.out(JSON.stringify({ jobs: jobs.map(plainJob), queues }, undefined, 2));
  context.out(table(jobLines(jobs, Date.parse(at)), 'No job was ever done: is a worker running?'));
  context.out('');
  context.out(
    table(
      queues.map(({ queue, depth }) => ({ queue, ...(depth ?? NO_ANSWER) })),
      '',
    ),
  );
}

const named = <Items>({ at, items: queues }: { readonly at: string; readonly items: Items }) => ({ at, queues });

const NO_ANSWER = { waiting: 'no answer', active: '-', delayed: '-', failed: '-' };

async function runJob(context: CommandContext, job: string): Promise<void> {
  const asked = await withOperations(context, (operations) => operations.ask('jobs.run', { job }, jobView));
  context.out(`Asked for ${asked.job}. What comes of it: codex-pooler jobs list`);
}
