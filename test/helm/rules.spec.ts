import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RULE_FILES, RULES } from './observed.js';
import { promql } from './promql.js';

const ALERTS = RULES.filter(({ alert }) => alert !== undefined);
const page = readFileSync(resolve(__dirname, '../../docs/alerts.md'), 'utf8');

describe('the rules', () => {
  it('alert with how bad it is, what it is, and what to do', () => {
    expect(ALERTS.length).toBeGreaterThan(20);
    const lacking = ALERTS.filter(
      ({ labels = {}, annotations = {}, for: patience }) =>
        !['critical', 'warning'].includes(labels['severity'] ?? '') ||
        patience === undefined ||
        !annotations['summary'] ||
        !annotations['description'],
    );
    expect(lacking).toEqual([]);
  });

  it('name labels that their expressions leave', () => {
    const lost = ALERTS.flatMap(({ alert = '', expr, annotations = {} }) => {
      const named = [
        ...Object.values(annotations)
          .join(' ')
          .matchAll(/\$labels\.(\w+)/g),
      ].map(([, name]) => name ?? '');
      // What is recorded has the first two; what is not aggregated has the third too.
      const left = [
        'namespace',
        'job',
        ...(/\b(?:sum|max|min|count)\b/.test(expr) ? [] : ['instance']),
        ...promql(expr).by,
      ];
      return named.filter((name) => !left.includes(name)).map((name) => `${alert}: ${name}`);
    });
    expect(lost).toEqual([]);
  });

  it('are on their page, and no other is', () => {
    const told = [...page.matchAll(/^\| `(CodexPooler\w+)`/gm)].map(([, name]) => name);
    expect(told.sort()).toEqual([...new Set(ALERTS.map(({ alert }) => alert))].sort());
  });

  it('fire when they should and not before, as promtool finds', () => {
    const version = spawnSync('promtool', ['--version']);
    if (version.status !== 0) return notRun();
    const run = (...args: string[]) => spawnSync('promtool', args, { encoding: 'utf8' });
    const checked = run('check', 'rules', ...RULE_FILES);
    expect([checked.status, checked.stderr]).toEqual([0, '']);
    const tested = run('test', 'rules', join(__dirname, 'alerts.test.yaml'));
    expect([tested.status, tested.stdout + tested.stderr]).toEqual([0, expect.stringContaining('SUCCESS')]);
  });

  it('have each alert in the unit tests of promtool', () => {
    const tests = readFileSync(join(__dirname, 'alerts.test.yaml'), 'utf8');
    expect(ALERTS.filter(({ alert = '' }) => !tests.includes(alert.replace('CodexPooler', '')))).toEqual([]);
  });
});

/** Which the summary of `npm test` tells. */
function notRun(): void {
  const notes = process.env['NOT_RUN_FILE'];
  if (notes !== undefined) appendFileSync(notes, 'unit tests of the alert rules: no promtool on PATH\n');
  expect(process.env['PATH']).toBeDefined();
}
