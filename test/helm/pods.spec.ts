import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { servedNativeRoutes, servedV1Routes } from '../../src/compat/index.js';
import { loadConfig } from '../../src/platform/config/index.js';
import { environment } from '../../src/platform/config/schema.js';
import { Chart, CHART, describeChart, VALUES_FILES } from './chart.js';
import { ofKind, podsOf, type Container, type PodSpec } from './objects.js';

const EVERY = [undefined, ...VALUES_FILES];
const KNOWN = new Set(Object.keys(environment.shape));
/** Read by Node and by the SDK of OpenTelemetry, not by us. */
const READ_BY_OTHERS = /^(NODE_EXTRA_CA_CERTS|OTEL_[A-Z0-9_]+)$/;
const SECRETS = /^(DATABASE_URL|REDIS_URL|SECRET_KEYS|OPERATOR_TOKEN|API_KEY|METRICS_TOKEN|POOLER_TOKEN)$|_HEADERS$/;
/** For one person on one machine, and for commands that ask a gateway elsewhere. */
const NOT_IN_A_CLUSTER = [
  ...['PATH', 'CODEX_HOME', 'AUTH_JSON', 'ALLOW_UNAUTHENTICATED', 'DEFAULT_MODEL', 'RELAY_UNKNOWN_V1'],
  ...['POOLER_URL', 'POOLER_TOKEN', 'POOLER_TOKEN_FILE', 'POOLER_INSECURE'],
];
/** The routes of the probes, as their controller declares them. */
const PROBES = readFileSync(resolve(__dirname, '../../src/health/health.controller.ts'), 'utf8')
  .split('\n')
  .filter((line) => line.includes('@Get('))
  .flatMap((line) => [...line.matchAll(/'(\w+)'/g)].map(([, path]) => `/${path}`));

const valueOf = ({ env = [] }: Container, name: string) => env.find((entry) => entry.name === name)?.value;
const namesOf = ({ env = [] }: Container) => env.map(({ name }) => name);

describeChart("the chart's pods", (helm) => {
  const chart = new Chart(helm);
  const pods = EVERY.flatMap((file) =>
    podsOf(chart.standing(file)).map((one) => ({ file: file ?? 'defaults', ...one })),
  );
  const serving = pods.filter(({ kind }) => kind === 'Deployment');

  it.each(pods)('are locked in: $role with $file', ({ pod }) => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    } satisfies Partial<PodSpec>);
    expect(pod.containers).toHaveLength(1);
    expect(pod.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.containers[0].resources?.limits?.memory).toMatch(/^\d+[MG]i$/);
    expect(pod.containers[0].resources?.requests).toHaveProperty('cpu');
  });

  it.each(pods)('read each variable once, and only such as are read: $role with $file', ({ role, pod }) => {
    const names = namesOf(pod.containers[0]).filter((name) => role !== 'test' || name !== 'GATEWAY_URL');
    expect(new Set(names).size).toBe(names.length);
    expect(
      names.filter((name) => !KNOWN.has(name) && !READ_BY_OTHERS.test(name) && name !== 'ALICE_AUTH_JSON'),
    ).toEqual([]);
  });

  it.each(pods)('have no secret in plain sight: $role with $file', ({ pod }) => {
    const [{ env = [] }] = pod.containers;
    const secrets = env.filter(({ name }) => SECRETS.test(name));
    expect(secrets.filter(({ value, valueFrom }) => value !== undefined || !valueFrom?.secretKeyRef)).toEqual([]);
  });

  it.each(serving)('are told what a process of their role needs to start: $role with $file', ({ role, pod }) => {
    const [container] = pod.containers;
    expect(container.args).toEqual(['serve', '--role', role]);
    expect(namesOf(container)).toEqual(expect.arrayContaining(['DATABASE_URL', 'REDIS_URL', 'SECRET_KEYS']));
    const plain = (container.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]));
    const config = loadConfig(Object.fromEntries(plain) as NodeJS.ProcessEnv);
    expect(config.HOST).toBe('0.0.0.0');
    const port = role === 'gateway' ? config.PORT : config.WORKER_PORT;
    const metrics = config.METRICS_PORT === 0 ? [] : [{ name: 'metrics', containerPort: config.METRICS_PORT }];
    expect(container.ports).toEqual([{ name: 'http', containerPort: port }, ...metrics]);
  });

  it.each(serving)('are asked at paths that are there: $role with $file', ({ pod }) => {
    const [{ startupProbe, livenessProbe, readinessProbe }] = pod.containers;
    const asked = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet);
    expect(asked.map((get) => get?.port)).toEqual(['http', 'http', 'http']);
    expect(PROBES).toEqual(expect.arrayContaining(asked.map((get) => get?.path)));
    expect(livenessProbe?.httpGet.path).not.toBe(readinessProbe?.httpGet.path);
  });

  it.each(serving)('are killed after everything that was promised to finish: $role with $file', ({ pod }) => {
    const [container] = pod.containers;
    const waitMs = Number(container.lifecycle?.preStop.exec.command[1] ?? 0) * 1_000;
    const graceMs = (pod.terminationGracePeriodSeconds ?? 30) * 1_000;
    expect(Number(valueOf(container, 'TERMINATION_GRACE_MS'))).toBe(graceMs - waitMs);
    expect(Number(valueOf(container, 'DRAIN_MS')) + 12_000).toBeLessThanOrEqual(graceMs - waitMs);
  });

  it.each(serving)('mount the volumes that they have, and all of them: $role with $file', ({ pod }) => {
    const mounted = pod.containers[0].volumeMounts?.map(({ name }) => name);
    expect(mounted?.sort()).toEqual(pod.volumes?.map(({ name }) => name).sort());
  });

  it('may be taken away one at a time, each role by a budget of its own', () => {
    const budgets = ofKind(chart.standing(), 'PodDisruptionBudget').map(({ spec }) => spec);
    expect(budgets).toMatchObject([
      { maxUnavailable: 1, selector: { matchLabels: { 'app.kubernetes.io/component': 'gateway' } } },
      { maxUnavailable: 1, selector: { matchLabels: { 'app.kubernetes.io/component': 'worker' } } },
    ]);
    for (const { pod } of podsOf(ofKind(chart.standing(), 'Deployment'))) {
      expect(pod.topologySpreadConstraints).toHaveLength(2);
    }
  });

  it('can be told every variable that is one of a cluster, and no other', () => {
    const schema = JSON.parse(readFileSync(`${CHART}/values.schema.json`, 'utf8')) as {
      properties: { config: { propertyNames: { anyOf: [{ enum: string[] }] } } };
    };
    const [{ enum: names }] = schema.properties.config.propertyNames.anyOf;
    expect([...names, ...NOT_IN_A_CLUSTER].sort()).toEqual([...KNOWN].sort());
  });

  it('get large numbers as numbers are written', () => {
    const [gateway] = podsOf(ofKind(chart.standing('everything.yaml'), 'Deployment'));
    expect(gateway && valueOf(gateway.pod.containers[0], 'JSON_LIMIT_BYTES')).toBe('67108864');
  });

  it('are reached by clients on every route that there is, and not by operators', () => {
    const [ingress] = ofKind(chart.standing('everything.yaml'), 'Ingress');
    const [{ http }] = (ingress?.spec?.['rules'] ?? [{ http: { paths: [] } }]) as [
      { http: { paths: { path: string }[] } },
    ];
    const prefixes = http.paths.map(({ path }) => path);
    const outside = ({ path }: { path: string }) => !prefixes.some((prefix) => `${path}/`.startsWith(`${prefix}/`));
    expect([...servedNativeRoutes, ...servedV1Routes].filter(outside)).toEqual([]);
    expect([...PROBES, '/metrics', '/mcp', '/'].filter((path) => !outside({ path }))).toEqual([]);
  });
});
