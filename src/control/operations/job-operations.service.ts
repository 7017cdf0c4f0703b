import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { JobOverview, type ScheduledJob } from '../../platform/queue/index.js';
import { AccountService } from '../../upstream/index.js';
import { ControlError } from '../control-error.js';
import { operation, OperationSet, type Operation } from '../operation.js';
import { pageIn, pageOf, PAGE_INPUT } from '../page.js';
import { jobRunView, jobRunViewOf, jobView, jobViewOf, queuesView } from '../views/job-view.js';
import { seesWholeInstance } from '../whole-instance.js';

const name = z.string().min(1).max(200);

/** What workers do by themselves. */
@Injectable()
export class JobOperations extends OperationSet {
  constructor(
    private readonly overview: JobOverview,
    private readonly accounts: AccountService,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'jobs.list',
      summary: 'The jobs that recur, and when they are due again',
      method: 'GET',
      path: '/jobs',
      scope: 'read',
      input: z.object({ ...PAGE_INPUT }),
      output: pageOf(jobView),
      run: async (page, { actor }) => {
        seesWholeInstance(actor);
        return pageIn((await this.overview.schedules()).map(jobViewOf), page, ({ job }) => job);
      },
    }),
    operation({
      name: 'jobs.runs',
      summary: 'What came of each job last, and of each account that it was done for',
      method: 'GET',
      path: '/jobs/runs',
      scope: 'read',
      input: z.object({
        job: name.optional().describe('<queue>/<name>'),
        outcome: z.enum(['running', 'succeeded', 'failed']).optional(),
        ...PAGE_INPUT,
      }),
      output: pageOf(jobRunView),
      run: async ({ job, outcome, ...page }, { actor }) => {
        seesWholeInstance(actor);
        const [runs, accounts] = await Promise.all([this.overview.runs(), this.accounts.list()]);
        const labels = new Map<string, string>(accounts.map(({ id, label }) => [id, label]));
        const wanted = runs.filter(
          (run) => (job === undefined || run.job === job) && (outcome === undefined || run.outcome === outcome),
        );
        const { items, ...rest } = pageIn(wanted, page, (run) => `${run.job} ${run.target}`);
        return { items: items.map((run) => jobRunViewOf(run, labels)), ...rest };
      },
    }),
    operation({
      name: 'jobs.queues',
      summary: 'What waits in the queues',
      method: 'GET',
      path: '/jobs/queues',
      scope: 'read',
      input: z.object({}),
      output: queuesView,
      run: async (_, { actor, nowMs }) => {
        seesWholeInstance(actor);
        return { at: new Date(nowMs).toISOString(), items: [...(await this.overview.depths())] };
      },
    }),
    operation({
      name: 'jobs.run',
      summary: 'Have a worker do a recurring job now',
      method: 'POST',
      path: '/jobs/run',
      scope: 'admin',
      status: 202,
      input: z.object({ job: name.describe('<queue>/<name>, or its name alone where that is the only one') }),
      output: jobView,
      change: { action: 'job.run', target: ({ job }, done) => ({ type: 'job', id: done?.job ?? job }) },
      run: async ({ job }, { actor }) => {
        seesWholeInstance(actor);
        const found = theJob(await this.overview.schedules(), job);
        if (!(await this.overview.runNow(found))) {
          throw new ControlError('unavailable', 'The queue did not take the job in time.');
        }
        return jobViewOf(found);
      },
    }),
  ];
}

/** @throws ControlError `not_found`, `conflict` for the name of several, `unavailable` when none is known */
function theJob(schedules: readonly ScheduledJob[], wanted: string): ScheduledJob {
  const [found, another] = schedules.filter((each) => each.job === wanted || each.name === wanted);
  if (found !== undefined && another === undefined) return found;
  const names = schedules
    .map(({ job }) => job)
    .sort()
    .join(', ');
  if (names === '') {
    throw new ControlError('unavailable', 'No recurring job is known: is a worker running, and its queue there?');
  }
  throw found === undefined
    ? new ControlError('not_found', `No recurring job has that name: ${names}`)
    : new ControlError('conflict', `Several recurring jobs have that name: ${names}`);
}
