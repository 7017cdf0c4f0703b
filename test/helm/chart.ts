import { spawnSync } from 'node:child_process';
import { appendFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { findHelm } from './find-helm.js';
import type { KubernetesObject } from './objects.js';

export const CHART = resolve(__dirname, '../../helm/codex-pooler');
/** What helm 3.10 takes the cluster for unless it is told. */
const CLUSTER = ['--kube-version', '1.31.0'];

/** The values files of the chart beside its defaults, by their names. */
export const VALUES_FILES = readdirSync(join(CHART, 'ci')).sort();

/** A block whose tests have a helm. Where none can be had, the summary of `npm test` says what was not run. */
export function describeChart(name: string, tests: (helm: string) => void): void {
  describe(name, () => {
    const helm = findHelm();
    if (helm !== undefined) return tests(helm);
    it('is not looked at on a machine for which npm has no helm', () => {
      const notes = process.env['NOT_RUN_FILE'];
      if (notes !== undefined) appendFileSync(notes, `${name}: no helm on PATH, and none from npm for this machine\n`);
      expect(`${process.platform}-${process.arch}`).not.toBe('linux-x64');
    });
  });
}

type Values = Readonly<Record<string, unknown>>;

/** The chart as helm renders it. Values files are named as in `ci/`; `set` is `--set-json`, one value each. */
export class Chart {
  private readonly rendered = new Map<string | undefined, readonly KubernetesObject[]>();

  constructor(
    private readonly helm: string,
    private readonly folder = CHART,
  ) {}

  lint(file?: string): { status: number | null; output: string } {
    return this.run(['lint', '--strict', this.folder, ...valuesOf(file)]);
  }

  /** With the values as they are; rendered once. */
  standing(file?: string): readonly KubernetesObject[] {
    const objects = this.rendered.get(file) ?? this.objects(file);
    this.rendered.set(file, objects);
    return objects;
  }

  objects(file?: string, set: Values = {}): KubernetesObject[] {
    const { status, output } = this.template(file, set);
    if (status !== 0) throw new Error(output);
    return parseAllDocuments(output).flatMap((document) => (document.toJSON() as KubernetesObject | null) ?? []);
  }

  /** Why it does not render. */
  refusal(set: Values, file?: string): string {
    const { status, output } = this.template(file, set);
    return status === 0 ? 'it renders' : output;
  }

  private template(file: string | undefined, set: Values) {
    const given = Object.entries(set).flatMap(([name, value]) => ['--set-json', `${name}=${JSON.stringify(value)}`]);
    return this.run(['template', 'release', this.folder, ...CLUSTER, ...valuesOf(file), ...given]);
  }

  private run(args: readonly string[]): { status: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(this.helm, args, { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
    return { status, output: status === 0 ? stdout : stdout + stderr };
  }
}

const valuesOf = (file?: string): string[] => (file === undefined ? [] : ['--values', join(CHART, 'ci', file)]);
