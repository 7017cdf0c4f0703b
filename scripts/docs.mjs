import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './children.mjs';
import { configPage } from './config-page.mjs';
import { ensureBuilt, ensureInstalled } from './install.mjs';
import { metricsPage } from './metrics-page.mjs';

/** Writes the pages that say what tables in the code say. With `--check` it writes nothing and says whether they are up to date. */

const WHO = {
  client: 'the client: change the request',
  limits: 'our own limits for the key: wait',
  pool: 'the operator of the Pool: add an account, or wait for its quota',
  account: 'the one upstream account: its login or its quota',
  upstream: 'the provider',
  gateway: 'us',
};
const REACH = {
  request: 'this request',
  account: 'the account sits out',
  service: 'the provider as a whole; no account is blamed',
};

const row = ([code, { status, blame, scope, failover }]) =>
  `| \`${code}\` | ${status} | ${WHO[blame]} | ${REACH[scope]} | ${failover ? 'yes' : 'no'} |`;

const page = (errors) => `# Errors

<!-- Written by \`npm run docs\` from src/core/error.ts. -->

Every way a call can end badly. The status is what a client gets while nothing has been sent; once a stream has begun, it
ends with the protocol's own failure event: a stream that failed never looks finished.

*Next account?* says whether another account of the Pool is tried before the client hears of it. That happens only until
the client has seen its first visible event; after that a call stays with its account.

Whoever asks for somebody else's key, file or session is told that it does not exist.

| Code | Status | Who can change it | How far it reaches | Next account? |
|---|---:|---|---|---|
${Object.entries(errors).map(row).join('\n')}
`;

const cliPage = (reference) => `# Commands

<!-- Written by \`npm run docs\` from src/operator/commands. -->

\`codex-pooler <command>\`, or \`node dist/src/cli.js <command>\` in a checkout. \`codex-pooler <command> --help\` says the same as
this page.

## Where they work

Beside the server, with its configuration, commands work on its database. From anywhere else they ask its
[operators' API](operator-api.md):

    export POOLER_URL=https://pooler.example.com
    export POOLER_TOKEN_FILE=~/.config/codex-pooler/token
    codex-pooler pool list

| Variable | Is |
|---|---|
| \`POOLER_URL\` | the gateway to ask; without it commands work on the database of this machine |
| \`POOLER_TOKEN_FILE\`, \`POOLER_TOKEN\` | an operator token, in a file or as it is. No option takes one: command lines are in the history of a shell |
| \`POOLER_INSECURE\` | \`1\` lets the address be \`http://\` beyond this machine: everybody on the way can read the token |

Commands that are about the machine itself say so when \`POOLER_URL\` is set.

## Exit codes

| Code | Says |
|---:|---|
| 0 | done |
| 1 | it was understood, and refused or failed |
| 2 | the command line is not valid |
| 3 | the gateway, or its database, does not answer: trying again may help |
| 4 | the token is not good, or does not allow this |

Answers go to standard output, everything else to standard error. With \`--json\` a failure is one line of JSON there, in the
form of the API's problems: \`type\`, \`title\`, \`detail\`, \`code\`, \`exitCode\`, and \`errors\` where fields are wrong.

## Completion

    source <(codex-pooler completion bash)      # in ~/.bashrc
    source <(codex-pooler completion zsh)       # in ~/.zshrc, after compinit

## All commands

${reference}
`;

await ensureInstalled();
await ensureBuilt();
const require = createRequire(import.meta.url);
require('reflect-metadata');
const { ERRORS } = require(join(root, 'dist/src/core/error.js'));
const { CATALOGUE } = require(join(root, 'dist/src/platform/metrics/catalogue.js'));
const { environment } = require(join(root, 'dist/src/platform/config/schema.js'));
const { commandLine } = require(join(root, 'dist/src/operator/index.js'));
const { commandReference } = require(join(root, 'dist/src/operator/commands/reference.js'));
const pages = {
  'docs/errors.md': page(ERRORS),
  'docs/cli.md': cliPage(commandReference(commandLine({}, ''))),
  'docs/metrics.md': metricsPage(CATALOGUE),
  'docs/configuration.md': configPage(environment, join(root, 'src/platform/config/schema.ts')),
};
for (const [name, text] of Object.entries(pages)) {
  const path = join(root, name);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`${name} is out of date: run \`npm run docs\``);
    process.exitCode = 1;
  }
}
