import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseSeedFile } from '../../src/operator/seed-file.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { Chart, CHART, describeChart, VALUES_FILES } from './chart.js';
import { problemsOf } from './kubernetes-schema.js';
import { ofKind, podsOf } from './objects.js';

const EVERY = [undefined, ...VALUES_FILES];
const EVERYTHING = 'everything.yaml';

describeChart('the chart', (helm) => {
  const chart = new Chart(helm);
  const folder = temporaryFolder();

  it('comes with four sets of values beside its own', () => {
    expect(VALUES_FILES).toEqual([EVERYTHING, 'external-secret.yaml', 'minimal.yaml', 'small.yaml']);
  });

  it.each(EVERY)('passes the strict linter with %s', (file) => {
    expect(chart.lint(file)).toMatchObject({
      status: 0,
      output: expect.stringContaining('0 chart(s) failed') as unknown,
    });
  });

  it.each(EVERY)('makes objects that Kubernetes knows with %s', (file) => {
    const objects = chart.standing(file);
    expect(objects.length).toBeGreaterThan(3);
    expect(objects.flatMap(problemsOf)).toEqual([]);
  });

  it('would be told of a field, a type and a value that Kubernetes does not know', () => {
    const [service] = ofKind(chart.standing(), 'Service');
    if (service === undefined) throw new Error('There is no Service.');
    const wrong = (spec: object) => problemsOf({ ...service, spec: { ...service.spec, ...spec } }).join();
    expect(wrong({})).toBe('');
    expect(wrong({ seletor: {} })).toContain('there is no field spec.seletor');
    expect(wrong({ ports: [{ port: 'http' }] })).toContain('/spec/ports/0/port');
    expect(wrong({ ports: [{ port: 80, prt: 1 }] })).toContain('there is no field spec.ports[0].prt');
    expect(wrong({ type: 'Sidecar' })).toContain('/spec/type');
    expect(() => problemsOf({ ...service, apiVersion: 'v2' })).toThrow();
  });

  it('makes every kind of object that it can', () => {
    const kinds = EVERY.flatMap((file) => chart.standing(file).map(({ kind }) => kind));
    expect([...new Set(kinds)].sort()).toEqual([
      ...['ConfigMap', 'Deployment', 'ExternalSecret', 'HTTPRoute', 'HorizontalPodAutoscaler', 'Ingress', 'Job'],
      ...[
        'NetworkPolicy',
        'Pod',
        'PodDisruptionBudget',
        'PrometheusRule',
        'Service',
        'ServiceAccount',
        'ServiceMonitor',
      ],
    ]);
  });

  it('gives no two objects of a kind one name, and none a name that is too long', () => {
    for (const release of [
      chart.standing(EVERYTHING),
      chart.objects(undefined, { fullnameOverride: 'x'.repeat(80) }),
    ]) {
      const names = release.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      expect(release.filter(({ metadata }) => metadata.name.length > 63)).toEqual([]);
    }
  });

  it('runs two gateways and two workers, unless an autoscaler says how many gateways', () => {
    const replicas = (file?: string) =>
      ofKind(chart.standing(file), 'Deployment').map(({ metadata, spec }) => [
        metadata.labels['app.kubernetes.io/component'],
        spec?.['replicas'],
      ]);
    expect(replicas()).toEqual([
      ['gateway', 2],
      ['worker', 2],
    ]);
    expect(replicas(EVERYTHING)).toContainEqual(['gateway', undefined]);
  });

  it('migrates before anything else of an install or an upgrade, and needs nothing that comes later for it', () => {
    const objects = chart.standing('external-secret.yaml');
    const [job] = ofKind(objects, 'Job');
    expect(job?.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'pre-install,pre-upgrade' });
    const [pod] = podsOf(job === undefined ? [] : [job]);
    expect(pod?.pod.serviceAccountName).toBe('default');
    expect(pod?.pod.containers[0].args).toEqual(['migrate']);
    const weights = objects.flatMap(({ kind, metadata }) => {
      const { 'helm.sh/hook': hook, 'helm.sh/hook-weight': weight } = metadata.annotations ?? {};
      return hook === 'pre-install,pre-upgrade' ? [[kind, Number(weight)] as const] : [];
    });
    expect(Object.fromEntries(weights)).toEqual({ ExternalSecret: -10, NetworkPolicy: -5, Job: 0 });
  });

  it('hands the declarative file to gateways as it was written, and restarts them when it changes', () => {
    const [config] = ofKind(chart.standing(EVERYTHING), 'ConfigMap').filter(({ metadata }) =>
      /-seed$/.test(metadata.name),
    );
    expect(parseSeedFile(config?.data?.['seed.yaml'] ?? '').pools).toMatchObject([
      { slug: 'team', accounts: [{ label: 'alice', authJsonEnv: 'ALICE_AUTH_JSON' }] },
    ]);
    const checksum = (slug: string) => {
      const objects = chart.objects(undefined, { 'seed.pools': [{ slug }] });
      return JSON.stringify(ofKind(objects, 'Deployment').map(({ spec }) => spec?.['template'])).match(
        /checksum.seed":"(\w+)/,
      )?.[1];
    };
    expect(checksum('a')).toMatch(/^\w{64}$/);
    expect(checksum('a')).not.toBe(checksum('b'));
  });

  it('hands out the rules and the dashboards that lie in its folder, and renders without any', () => {
    cpSync(CHART, folder.path(), { recursive: true });
    const rules =
      'groups: [{ name: of-a-test, rules: [{ alert: Down, expr: up == 0, annotations: { summary: "{{ $labels.pod }}" } }] }]';
    writeFileSync(join(folder.path(), 'files/rules/of-a-test.yaml'), rules);
    const board = '{ "title": "Of a test", "legendFormat": "{{ pod }}" }';
    writeFileSync(join(folder.path(), 'files/dashboards/of-a-test.json'), board);
    const objects = new Chart(helm, folder.path()).objects(EVERYTHING);
    const [rule] = ofKind(objects, 'PrometheusRule');
    expect(rule?.spec?.['groups']).toContainEqual((parse(rules) as { groups: object[] }).groups[0]);
    expect(rule === undefined ? [] : problemsOf(rule)).toEqual([]);
    const boards = ofKind(objects, 'ConfigMap').filter(({ metadata }) => metadata.labels['grafana_dashboard'] === '1');
    expect(boards.map(({ data }) => data?.['of-a-test.json'])).toContain(board);
  });
});
