import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CHART } from './chart.js';
import { promql, type Selector } from './promql.js';

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: { readonly uid: string };
}
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly targets?: readonly Target[];
}
export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
}
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const folder = (name: string): string => join(CHART, 'files', name);
const filesIn = (name: string, ending: string): string[] =>
  readdirSync(folder(name))
    .filter((file) => file.endsWith(ending))
    .sort()
    .map((file) => join(folder(name), file));
const text = (path: string): string => readFileSync(path, 'utf8');

export const RULE_FILES = filesIn('rules', '.yaml');
export const BOARDS = filesIn('dashboards', '.json').map((path) => JSON.parse(text(path)) as Board);
export const RULES = RULE_FILES.flatMap((path) =>
  (parse(text(path)) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules),
);

/** Every expression of boards and rules. */
export const EXPRESSIONS: readonly string[] = [
  ...BOARDS.flatMap(({ panels }) => panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))),
  ...RULES.map(({ expr }) => expr),
];

const RECORDED = new Set(RULES.map(({ record }) => record));
/** What Prometheus adds to every series of a process, wherever it runs. */
const OF_THE_TARGET = ['job', 'instance', 'namespace'];
/** A label of ours that is called as one of those. */
const RENAMED = new Map([['exported_job', 'job']]);
/** What a histogram is called in the text format. */
const PART = /_(bucket|sum|count)$/;

/** What is asked of the metrics of the processes, by the names that those know. */
export function askedOf(expr: string): { selectors: Selector[]; by: string[] } {
  const { selectors, by } = promql(expr);
  const own = (label: string): string[] => (OF_THE_TARGET.includes(label) ? [] : [RENAMED.get(label) ?? label]);
  return {
    selectors: selectors
      .filter(({ metric }) => !RECORDED.has(metric))
      .map(({ metric, labels }) => ({
        metric,
        labels: new Map([...labels].flatMap(([label, values]) => own(label).map((name) => [name, values] as const))),
      })),
    by: by.flatMap(own),
  };
}

type Labels = Readonly<Record<string, unknown>>;

/**
 * What there is not of what an expression asks for.
 *
 * @param labelsOf of a metric by its name in the text format; `undefined`: there is no such metric
 */
export function missingIn(expr: string, labelsOf: (metric: string) => Labels | undefined): string[] {
  const { selectors, by } = askedOf(expr);
  const known = new Set(selectors.flatMap(({ metric }) => Object.keys(labelsOf(metric) ?? {})));
  return [
    ...selectors.flatMap(({ metric, labels }) => {
      const has = labelsOf(metric);
      if (has === undefined) return [metric];
      return [...labels.keys()].filter((label) => !(label in has)).map((label) => `${metric}{${label}}`);
    }),
    ...by.filter((label) => !known.has(label)),
  ];
}

/** The name in the catalogue of a metric in the text format. */
export const familyOf = (metric: string, catalogue: object): string =>
  metric in catalogue ? metric : metric.replace(PART, '');
