import type { HealthView } from './views/health-view.js';

/** Four heartbeats of a gateway. */
const GATEWAY_SILENT_MS = 20_000;
/** Workers do something every ten seconds, and write it down as often. */
const WORKER_SILENT_MS = 60_000;
/** So many jobs a worker does in a few seconds. */
const MANY_WAIT = 1_000;

const seconds = (ms: number): number => Math.round(ms / 1_000);

/** What is not as it should be, a sentence each. */
export function healthProblems(seen: Omit<HealthView, 'status' | 'problems'>): string[] {
  const { database, schema, sharedState } = seen;
  return [
    ...(database.answers ? schemaProblems(schema) : ['The database does not answer.']),
    ...(sharedState.answers ? [] : ['Shared state does not answer.']),
    ...seen.queues.flatMap(queueProblems),
    ...(database.answers ? [...workerProblems(seen.worker), ...gatewayProblems(seen.processes)] : []),
  ];
}

const schemaProblems = ({ current, missing }: HealthView['schema']): string[] =>
  current ? [] : [`The database lacks ${missing ?? 'some'} migrations: run codex-pooler migrate.`];

function queueProblems({ queue, depth }: HealthView['queues'][number]): string[] {
  if (depth === undefined) return [`The queue ${queue} does not answer.`];
  return depth.waiting > MANY_WAIT ? [`In the queue ${queue} ${depth.waiting} jobs wait.`] : [];
}

function workerProblems({ silentMs }: HealthView['worker']): string[] {
  if (silentMs === null) return ['No worker ever did anything.'];
  return silentMs > WORKER_SILENT_MS ? [`No worker did anything for ${seconds(silentMs)} s.`] : [];
}

function gatewayProblems(processes: HealthView['processes']): string[] {
  if (processes.length === 0) return ['No gateway is running.'];
  return processes
    .filter(({ silentMs }) => silentMs > GATEWAY_SILENT_MS)
    .map(({ host, silentMs }) => `A gateway on ${host} was not heard of for ${seconds(silentMs)} s.`);
}
