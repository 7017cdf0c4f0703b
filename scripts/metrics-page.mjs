const KIND = { counter: 'counter', total: 'counter', gauge: 'gauge', histogram: 'histogram' };
const ROLE = { gateway: 'gateway', worker: 'worker', every: 'both' };
/** A longer list of words is told by its length. */
const SHOWN = 8;

function said(spec) {
  if ('detail' in spec) return `with \`METRICS_DETAIL=${spec.detail}\``;
  if ('atMost' in spec) return `at most ${spec.atMost}`;
  return spec.length > SHOWN ? `${spec.length} words` : spec.join(', ');
}

const labels = (spec) =>
  Object.entries(spec)
    .map(([name, values]) => `\`${name}\` (${said(values)})`)
    .join('; ');

const row = ([name, { kind, role, help, labels: spec }]) =>
  `| \`${name}\` | ${KIND[kind]} | ${ROLE[role]} | ${help} | ${labels(spec)} |`;

const bounds = ([name, { buckets }]) => `| \`${name}\` | ${buckets.join(', ')} |`;

/** docs/metrics.md, of the catalogue that the code records by. */
export const metricsPage = (catalogue) => `# Metrics

<!-- Written by \`npm run docs\` from src/platform/metrics. -->

Every process serves them at \`/metrics\` on \`METRICS_PORT\` (9464), at the address that \`HOST\` names, in the text format of
Prometheus. With \`METRICS_TOKEN\` a reader has to show it as a bearer token. With \`METRICS_PORT=0\` nothing is recorded.

\`\`\`sh
curl -H 'authorization: Bearer …' http://127.0.0.1:9464/metrics
\`\`\`

Labels are bounded: a value that is not on a label's list, or comes after as many as it has room for, is \`other\`. Pools
(by slug) and accounts (by label) are told apart only where \`METRICS_DETAIL=pool,account\` asks for it; without it the label
is not there, and gauges are summed, or are those of the fullest or the first, as the table says.

A call is counted once, at its end. What workers read from the stores (accounts, Pools, queues, settlements) each worker
tells: take the \`max\` of several, not the sum. A counter that never counted has no line.

| Metric | Kind | Role | What | Labels |
|---|---|---|---|---|
${Object.entries(catalogue).map(row).join('\n')}

## Buckets

Upper bounds, in the unit that the name ends in.

| Histogram | Bounds |
|---|---|
${Object.entries(catalogue)
  .filter(([, { buckets }]) => buckets !== undefined)
  .map(bounds)
  .join('\n')}
`;
