import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Which variable begins which part of the page, and what is said there; the order is that of the schema. */
const PARTS = {
  MODE: ['The process', ''],
  DATA_DIR: [
    'Stores and secrets',
    'PostgreSQL ≥ 15. Redis ≥ 6.2 with `noeviction`; Sentinels and a Cluster: [kubernetes.md](kubernetes.md#postgresql-and-redis).',
  ],
  SEED_FILE: ['What is there at a start', 'Operator tokens: [tokens.md](tokens.md).'],
  POOLER_URL: ['Commands from elsewhere', 'More: [cli.md](cli.md#where-they-work).'],
  CODEX_HOME: ['Local mode', 'More: [local-mode.md](local-mode.md).'],
  MCP_ENABLED: ['MCP', 'More: [mcp.md](mcp.md).'],
  IP_ALLOW_LIST: ['Who may call', 'More: [ingress.md](ingress.md).'],
  UPSTREAM_BASE_URL: ['Upstreams', ''],
  ACCOUNT_CONCURRENCY: ['How many calls at once', 'More: [routing.md](routing.md).'],
  KEEPALIVE_MS: ['Clients and their bodies', ''],
  DRAIN_MS: ['Going', ''],
  RETENTION_REQUEST_DAYS: ['What is kept', 'More: [retention.md](retention.md).'],
  REFRESH_MARGIN_MS: [
    'Jobs, and what they ask',
    'Prices: [prices.md](prices.md). Webhooks and other ways out: [incidents.md](incidents.md).',
  ],
  LOG_LEVEL: ['Logs, traces, metrics', 'More: [metrics.md](metrics.md), [alerts.md](alerts.md).'],
};

const UNITS = [
  [/_MS$/, 'milliseconds'],
  [/_BYTES$/, 'bytes'],
  [/_DAYS$/, 'days'],
  [/PORT$/, 'port'],
];

/** What stands before each variable in the source, as one line. */
function meanings(source) {
  const ts = require('typescript');
  const file = ts.createSourceFile('schema.ts', source, ts.ScriptTarget.ES2022, true);
  const found = new Map();
  const visit = (node) => {
    if (ts.isPropertyAssignment(node) && /^[A-Z][A-Z0-9_]+$/.test(node.name.getText(file))) {
      const [comment] = ts.getJSDocCommentsAndTags(node);
      const text = ts.getTextOfJSDocComment(comment?.comment) ?? '';
      found.set(node.name.getText(file), text.replace(/\s+/g, ' ').trim());
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function bounds({ minimum, exclusiveMinimum, maximum }) {
  const least = minimum ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + 1);
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (most === undefined) return least === undefined ? '' : `≥ ${least}`;
  return `${least} to ${most}`;
}

/** @param given what JSON Schema says of what is written, @param read of what becomes of it */
function typeOf(name, given, read) {
  if (given.enum !== undefined) return given.enum.map((word) => `\`${word}\``).join(', ');
  if (read.type === 'boolean') return '`true` or `false`';
  if (given.type === 'integer') {
    const unit = UNITS.find(([ending]) => ending.test(name))?.[1] ?? 'number';
    return `${unit}, ${bounds(given)}`;
  }
  if (given.format === 'uri') return 'URL';
  return 'text';
}

const cell = (text) => text.replaceAll('|', '\\|');
const defaultOf = (given, read) => {
  const value = read.type === 'boolean' ? read.default : given.default;
  return value === undefined || value === '' ? '' : `\`${value}\``;
};

/** docs/configuration.md, of the schema that the environment is checked with. */
export function configPage(environment, source) {
  const { z } = require('zod');
  const form = (io) => z.toJSONSchema(environment, { io, unrepresentable: 'any' }).properties;
  const [given, read, said] = [form('input'), form('output'), meanings(readFileSync(source, 'utf8'))];
  const strangers = Object.keys(PARTS).filter((name) => !(name in given));
  const silent = Object.keys(given).filter((name) => !said.get(name));
  if (strangers.length > 0) throw new Error(`Parts of the page begin at variables that are not there: ${strangers}`);
  if (silent.length > 0) throw new Error(`Variables without a comment in the schema: ${silent}`);
  const lines = Object.keys(given).flatMap((name) => {
    const [title, more] = PARTS[name] ?? [];
    const head = title === undefined ? [] : ['', `## ${title}`, '', ...(more ? [more, ''] : []), HEAD];
    const row = [`\`${name}\``, typeOf(name, given[name], read[name]), defaultOf(given[name], read[name])];
    return [...head, `| ${row.join(' | ')} | ${cell(said.get(name))} |`];
  });
  return `${INTRODUCTION}${lines.join('\n')}\n`;
}

const HEAD = '| Name | Type | Default | Meaning |\n|---|---|---|---|';
const INTRODUCTION = `# Configuration

<!-- Written by \`npm run docs\` from src/platform/config/schema.ts. -->

Everything is configured by environment variables, and nothing has to be set. An empty variable counts as absent. A wrong
value stops the start; all problems are named at once, and no value, because values may be secrets. A name that is not
here is not read.

\`codex-pooler settings show\` says what a process goes by, without secrets. \`codex-pooler doctor\` says whether what the
variables lead to is there.
`;
