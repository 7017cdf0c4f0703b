import type { Command } from 'commander';
import { JobOverview, type ScheduledJob } from '../../platform/queue/index.js';
import { AccountService } from '../../upstream/index.js';
import { audited } from './audited.js';
import { CommandFailed, withServices, type CommandContext } from './context.js';
import { jobLines, listedJobs, plainJob } from './job-words.js';
import { table } from './table.js';

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
  const { look, accounts } = await withServices(context, async (services) => ({
    look: await services.get(JobOverview).look(),
    accounts: await services.get(AccountService).list(),
  }));
  const jobs = listedJobs(look);
  if (asJson) return context.out(JSON.stringify({ jobs: jobs.map(plainJob), queues: look.queues }, undefined, 2));
  // What jobs are done for are accounts, mostly.
  const labels = new Map<string, string>(accounts.map(({ id, label }) => [id, label]));
  context.out(table(jobLines(jobs, labels, look.atMs), 'No job was ever done: is a worker running?'));
  context.out('');
  context.out(
    table(
      look.queues.map(({ queue, depth }) => ({ queue, ...(depth ?? NO_ANSWER) })),
      '',
    ),
  );
}

const NO_ANSWER = { waiting: 'no answer', active: '-', delayed: '-', failed: '-' };

async function runJob(context: CommandContext, name: string): Promise<void> {
  const action = { action: 'job.run', target: { type: 'job', id: name } };
  const asked = await audited(context, action, async (services) => {
    const overview = services.get(JobOverview);
    const job = theJob(await overview.schedules(), name);
    if (!(await overview.runNow(job))) throw new CommandFailed('The queue did not take the job in time.');
    return job;
  });
  context.out(`Asked for ${asked.job}. What comes of it: codex-pooler jobs list`);
}

function theJob(schedules: readonly ScheduledJob[], name: string): ScheduledJob {
  const [found, another] = schedules.filter((each) => each.job === name || each.name === name);
  if (found !== undefined && another === undefined) return found;
  const names = schedules
    .map(({ job }) => job)
    .sort()
    .join(', ');
  if (names === '') throw new CommandFailed('No recurring job is known: is a worker running, and its queue there?');
  throw new CommandFailed(`${found ? 'Several recurring jobs have' : 'No recurring job has'} that name: ${names}`);
}
