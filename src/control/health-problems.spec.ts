import { healthProblems } from './health-problems.js';

type Seen = Parameters<typeof healthProblems>[0];

const gateway = {
  id: '018f2a9e-7c1d-7d53-9f5e-3a1b2c4d5e6f',
  host: 'one',
  startedAt: '2026-01-01T00:00:00.000Z',
  heartbeatAt: '2026-01-01T00:00:00.000Z',
  silentMs: 4_000,
  openCalls: 0,
};
const WELL: Seen = {
  schema: { version: 'Newest', current: true, missing: 0, unknown: 0 },
  database: { answers: true, tookMs: 1 },
  sharedState: { answers: true, tookMs: 1, reach: 'cluster' },
  queues: [{ queue: 'settlement', depth: { waiting: 1_000, active: 1, delayed: 0, failed: 9 } }],
  worker: { lastSeenAt: '2026-01-01T00:00:00.000Z', silentMs: 59_000 },
  processes: [gateway],
};

describe('problems of an installation', () => {
  it('are none while everything is there', () => {
    expect(healthProblems(WELL)).toEqual([]);
  });

  it.each<[Partial<Seen>, string[]]>([
    [{ database: { answers: false, tookMs: null }, processes: [] }, ['The database does not answer.']],
    [
      { schema: { ...WELL.schema, current: false, missing: 2 } },
      ['The database lacks 2 migrations: run codex-pooler migrate.'],
    ],
    [{ sharedState: { answers: false, tookMs: null, reach: 'cluster' } }, ['Shared state does not answer.']],
    [{ queues: [{ queue: 'settlement' }] }, ['The queue settlement does not answer.']],
    [
      { queues: [{ queue: 'usage', depth: { waiting: 1_001, active: 0, delayed: 0, failed: 0 } }] },
      ['In the queue usage 1001 jobs wait.'],
    ],
    [{ worker: { lastSeenAt: null, silentMs: null } }, ['No worker ever did anything.']],
    [{ worker: { ...WELL.worker, silentMs: 61_000 } }, ['No worker did anything for 61 s.']],
    [{ processes: [] }, ['No gateway is running.']],
    [
      { processes: [gateway, { ...gateway, host: 'two', silentMs: 20_001 }] },
      ['A gateway on two was not heard of for 20 s.'],
    ],
  ])('are said where %j', (lacks, problems) => {
    expect(healthProblems({ ...WELL, ...lacks })).toEqual(problems);
  });
});
