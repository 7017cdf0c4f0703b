import { startMetrics, type MetricsOptions, type ServedMetrics } from '../../src/platform/metrics/sdk.js';

/** One line of a look: a name, its labels, and what it stands at. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/g;
const COMMENT = /^# (HELP|TYPE|UNIT) [a-zA-Z_:][a-zA-Z0-9_:]* /;

/** The text format of Prometheus. @throws Error for a line that is none */
export function samplesIn(text: string): readonly Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !COMMENT.test(line))
    .map((line) => {
      const [, name, labels = '', said] = LINE.exec(line) ?? [];
      const value = said === '+Inf' ? Infinity : Number(said);
      if (name === undefined || isNaN(value)) throw new Error(`No sample: ${line}`);
      return { name, value, labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key, is]) => [key, is])) };
    });
}

/** Metrics of this process, at a port of their own, for the tests of one file. */
export function useMetrics(given: Partial<MetricsOptions> = {}) {
  let served: ServedMetrics | undefined;
  const options = { HOST: '127.0.0.1', METRICS_PORT: 0, METRICS_TOKEN: undefined, METRICS_DETAIL: [] };
  beforeAll(async () => {
    served = await startMetrics({ ...options, role: 'all', version: '0.0.0', ...given });
  });
  afterAll(() => served?.close());

  const get = (path = '/metrics', init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${String(served?.port)}${path}`, init);
  return { get, samples: async (): Promise<readonly Sample[]> => samplesIn(await (await get()).text()) };
}
