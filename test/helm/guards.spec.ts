import { Chart, describeChart } from './chart.js';

/** Values that must not be rendered, and the sentence that says so. */
const REFUSED: readonly (readonly [set: Readonly<Record<string, unknown>>, sentence: RegExp])[] = [
  [
    { 'secrets.existingSecret': '' },
    /secrets\.existingSecret: it is empty, .* Name the Secret that holds DATABASE_URL\./,
  ],
  [{ 'postgresql.enabled': true }, /postgresql\.enabled: this chart brings no store .* Secret as DATABASE_URL\./],
  [{ 'redis.enabled': true }, /redis\.enabled: this chart brings no store .* Secret as REDIS_URL\./],
  [{ 'config.DATA_DIR': '/data' }, /config\.DATA_DIR: the embedded PostgreSQL is for one machine/],
  [{ 'config.PG_BIN_DIR': '/usr/bin' }, /config\.PG_BIN_DIR: the embedded PostgreSQL is for one machine/],
  [{ 'config.MODE': 'local' }, /config\.MODE: local mode serves one person on one machine/],
  [{ 'config.HOST': '127.0.0.1' }, /config\.HOST: on loopback nobody outside of the pod is answered/],
  [{ 'config.DATABASE_URL': 'postgres://a' }, /config\.DATABASE_URL: it is a secret/],
  [{ 'config.REDIS_URL': 'redis://a' }, /config\.REDIS_URL: it is a secret/],
  [{ 'config.SECRET_KEYS': 'v1:a' }, /config\.SECRET_KEYS: it is a secret/],
  [{ 'config.OPERATOR_TOKEN': 'opr' }, /config\.OPERATOR_TOKEN: it is a secret/],
  [{ 'config.METRICS_TOKEN': 'abc' }, /config\.METRICS_TOKEN: it is a secret/],
  [{ 'config.OTEL_EXPORTER_OTLP_HEADERS': 'a=b' }, /config\.OTEL_EXPORTER_OTLP_HEADERS: it is a secret/],
  [{ 'config.DRAIN_MS': 1_000 }, /config\.DRAIN_MS: the chart sets it\. Use gateway\.drainSeconds/],
  [{ 'config.PORT': 80 }, /config\.PORT: the chart sets it\. Use service\.port\./],
  [{ 'config.METRICS_PORT': 80 }, /config\.METRICS_PORT: the chart sets it\. Use metrics\.port\./],
  [{ extraEnv: [{ name: 'SECRET_KEYS', value: 'v1:a' }] }, /extraEnv: SECRET_KEYS is a secret/],
  [{ extraEnv: [{ name: 'HOST', value: '::' }] }, /extraEnv: HOST is set already/],
  [
    { 'gateway.drainSeconds': 300 },
    /gateway\.terminationGracePeriodSeconds: 150 is too short\. .* need 317, or Kubernetes/,
  ],
  [
    { 'gateway.preStopSeconds': 60 },
    /gateway\.terminationGracePeriodSeconds: 150 is too short\. .* need 192, or Kubernetes/,
  ],
  [{ 'worker.drainSeconds': 34 }, /worker\.terminationGracePeriodSeconds: 45 is too short\. .* need 46, or Kubernetes/],
  [
    { 'gateway.autoscaling': { enabled: true, minReplicas: 7 } },
    /autoscaling\.minReplicas: 7 is more than maxReplicas, 6\./,
  ],
  [
    { 'gateway.autoscaling.enabled': true, 'gateway.resources': { requests: { cpu: null } } },
    /needs gateway\.resources/,
  ],
  [
    { 'gateway.autoscaling': { enabled: true, openStreams: { enabled: true, metric: '' } } },
    /openStreams\.metric: name the metric of pods/,
  ],
  [{ 'externalSecret.enabled': true }, /externalSecret\.secretStoreRef\.name: name the store/],
  [
    { 'externalSecret.enabled': true, 'externalSecret.secretStoreRef.name': 'vault' },
    /externalSecret\.data: say where DATABASE_URL, REDIS_URL and SECRET_KEYS are/,
  ],
  [{ 'caBundle.configMap': 'a', 'caBundle.secret': 'b' }, /caBundle: name a ConfigMap or a Secret, not both\./],
  [{ 'ingress.enabled': true }, /ingress\.hosts: name at least one host\./],
  [{ 'httpRoute.enabled': true }, /httpRoute\.parentRefs: name the Gateway/],
  [
    { 'metrics.enabled': false, 'metrics.serviceMonitor.enabled': true },
    /metrics\.serviceMonitor\.enabled: there is nothing to read while metrics\.enabled is false\./,
  ],
  [{ 'config.LOG_LEVL': 'info' }, /config: Property name of "LOG_LEVL" does not match/],
  [{ replicas: 3 }, /Additional property replicas is not allowed/],
  [{ 'gateway.replicas': 0 }, /gateway\.replicas: Must be greater than or equal to 1/],
  [{ 'worker.replicas': 'two' }, /worker\.replicas: Invalid type\. Expected: integer, given: string/],
  [{ 'ingress.paths': ['v1'] }, /ingress\.paths\.0: Does not match pattern/],
  [{ 'ingress.controller': 'caddy' }, /ingress\.controller: ingress\.controller must be one of the following/],
];

describeChart('values that would not work', (helm) => {
  const chart = new Chart(helm);

  it.each(REFUSED)('are refused with a sentence: %j', (set, sentence) => {
    expect(chart.refusal(set)).toMatch(sentence);
  });

  it('leave those in peace that are just enough', () => {
    const renders = 'it renders';
    expect(chart.refusal({ 'gateway.drainSeconds': 133 })).toBe(renders);
    expect(chart.refusal({ 'config.HOST': '::', 'config.MODE': 'server' })).toBe(renders);
    expect(
      chart.refusal({ extraEnv: [{ name: 'POOL_KEY_CI', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }] }),
    ).toBe(renders);
    const from = Object.fromEntries(
      ['DATABASE_URL', 'REDIS_URL', 'SECRET_KEYS'].map((key) => [key, { secret: 'each-its-own', key }]),
    );
    expect(chart.refusal({ 'secrets.existingSecret': '', 'secrets.from': from })).toBe(renders);
  });
});
