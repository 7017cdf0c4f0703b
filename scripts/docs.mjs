import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './children.mjs';
import { ensureBuilt, ensureInstalled } from './install.mjs';

/** Writes docs/errors.md from the table of codes. With `--check` it writes nothing and says whether the page is up to date. */
const PAGE = join(root, 'docs/errors.md');

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

await ensureInstalled();
await ensureBuilt();
const { ERRORS } = createRequire(import.meta.url)(join(root, 'dist/src/core/error.js'));
if (!process.argv.includes('--check')) writeFileSync(PAGE, page(ERRORS));
else if (readFileSync(PAGE, 'utf8') !== page(ERRORS)) {
  console.error('docs/errors.md is out of date: run `npm run docs`');
  process.exitCode = 1;
}
