import { CATALOGUE } from '../../src/platform/metrics/index.js';
import type { MetricSpec } from '../../src/platform/metrics/metric-spec.js';
import { askedOf, BOARDS, EXPRESSIONS, familyOf, missingIn, RULES, type Panel } from './observed.js';
import { promql } from './promql.js';

const SPECS: Readonly<Record<string, MetricSpec>> = CATALOGUE;
const specOf = (metric: string): MetricSpec | undefined => SPECS[familyOf(metric, CATALOGUE)];
const labelsOf = (metric: string) => {
  const spec = specOf(metric);
  if (spec === undefined || (spec.kind === 'histogram') !== !(metric in CATALOGUE)) return undefined;
  return metric.endsWith('_bucket') ? { ...spec.labels, le: [] } : spec.labels;
};
/** Words that a label with a list of words never says. */
const neverSaid = (expr: string): string[] =>
  askedOf(expr).selectors.flatMap(({ metric, labels }) =>
    [...labels].flatMap(([label, values]) => {
      const words = specOf(metric)?.labels[label];
      return Array.isArray(words) ? values.filter((value) => !words.includes(value) && !value.startsWith('$')) : [];
    }),
  );

describe('the expressions of boards and rules', () => {
  it('are PromQL', () => {
    expect(EXPRESSIONS.length).toBeGreaterThan(100);
    expect(EXPRESSIONS.filter((expr) => promql(expr).wrongAt !== undefined)).toEqual([]);
  });

  it('ask for metrics and labels of the catalogue, and for values that those have', () => {
    expect(EXPRESSIONS.flatMap((expr) => missingIn(expr, labelsOf))).toEqual([]);
    expect(EXPRESSIONS.flatMap(neverSaid)).toEqual([]);
  });

  it.each([
    ['what is no PromQL', 'sum by (pool (gw_requests_total)', { wrong: true }],
    ['a metric that is not there', 'rate(gw_request_total[5m])', { missing: ['gw_request_total'] }],
    ['a histogram by its bare name', 'rate(gw_ttft_seconds[5m])', { missing: ['gw_ttft_seconds'] }],
    ['a label to match', 'gw_ws_sessions{pool="a"}', { missing: ['gw_ws_sessions{pool}'] }],
    ['a label to group by', 'sum by (pool) (gw_ws_sessions)', { missing: ['pool'] }],
    ['a value', 'gw_account_state{state="lost"}', { never: ['lost'] }],
  ])('would be told of %s', (_, expr, { wrong = false, missing, never = [] }: Found) => {
    expect([promql(expr).wrongAt !== undefined, neverSaid(expr)]).toEqual([wrong, never]);
    if (missing !== undefined) expect(missingIn(expr, labelsOf)).toEqual(missing);
  });

  it('count counters over time, and take gauges as they are', () => {
    const bare = EXPRESSIONS.filter((expr) => {
      const counters = askedOf(expr).selectors.filter(({ metric }) =>
        ['counter', 'histogram', 'total'].includes(specOf(metric)?.kind ?? ''),
      );
      const counted = expr.match(/\b(?:rate|increase)\(/g) ?? [];
      return counters.length !== counted.length;
    });
    expect(bare).toEqual([]);
  });
});

interface Found {
  readonly wrong?: boolean;
  readonly missing?: string[];
  readonly never?: string[];
}

describe.each(BOARDS.map((board) => [board.title, board] as const))('%s', (_, { panels, templating }) => {
  const drawn = panels.filter(({ type }) => type !== 'row');

  it('has panels with ids and titles of their own, each with something to show', () => {
    const distinct = (values: readonly unknown[]) => new Set(values).size === values.length;
    expect(distinct(panels.map(({ id }) => id))).toBe(true);
    expect(drawn.filter(({ title, targets = [] }) => title === '' || targets.length === 0)).toEqual([]);
    expect(drawn.filter(({ targets = [] }) => !distinct(targets.map(({ refId }) => refId)))).toEqual([]);
  });

  it('asks the data source that is chosen in it', () => {
    expect(templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    const asked = drawn.flatMap(({ datasource, targets = [] }) => [
      datasource,
      ...targets.map((each) => each.datasource),
    ]);
    expect(new Set(asked.map((each) => each?.uid))).toEqual(new Set(['${datasource}']));
  });

  it('uses the variables that it has, and no other', () => {
    const used = drawn.flatMap(({ targets = [] }) =>
      targets.flatMap(({ expr }) => [...expr.matchAll(/\$(?!__)\{?(\w+)/g)].map(([, name]) => name)),
    );
    const own = templating.list.map(({ name }) => name).filter((name) => name !== 'datasource');
    expect([...new Set(used)].sort()).toEqual(own.sort());
  });

  it('draws no panel over another', () => {
    const meet = (a: Panel, b: Panel): boolean =>
      a.gridPos.x < b.gridPos.x + b.gridPos.w &&
      b.gridPos.x < a.gridPos.x + a.gridPos.w &&
      a.gridPos.y < b.gridPos.y + b.gridPos.h &&
      b.gridPos.y < a.gridPos.y + a.gridPos.h;
    const meeting = panels.flatMap((a, n) => panels.slice(n + 1).filter((b) => meet(a, b)));
    expect(meeting.map(({ title }) => title)).toEqual([]);
    expect(panels.filter(({ gridPos }) => gridPos.x + gridPos.w > 24)).toEqual([]);
  });
});

describe('the boards', () => {
  it('are five, with addresses of their own', () => {
    expect(BOARDS.map(({ uid }) => uid)).toEqual(
      ['accounts', 'latency', 'node', 'traffic', 'workers'].map((name) => `codex-pooler-${name}`),
    );
  });

  it('show every metric that there is', () => {
    const rules = new Set(RULES.map(({ expr }) => expr));
    const shown = EXPRESSIONS.filter((expr) => !rules.has(expr)).flatMap((expr) => askedOf(expr).selectors);
    const families = new Set(shown.map(({ metric }) => familyOf(metric, CATALOGUE)));
    expect(Object.keys(CATALOGUE).filter((name) => !families.has(name))).toEqual([]);
  });
});
