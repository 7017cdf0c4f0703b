import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, request as ask } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import scripted from '../../dist/test/support/scripted-upstream/index.js';
import { USUAL_PLAN } from './frames.mjs';
import { serveSockets } from './sockets.mjs';
import { answerStream } from './streams.mjs';

/**
 * The scripted upstream with a short way for model calls, so that the processor which it shares with the load generator is
 * never what is measured. Every text says when it was sent. What else a gateway asks (models, usage, tokens) is answered by
 * the scripted upstream itself. `POST /bench/plan` says what answers are like from then on, `GET /bench/issuer` where tokens
 * are renewed, `/otlp` takes traces.
 */
const { values } = parseArgs({ options: { accounts: { type: 'string' }, 'write-auth': { type: 'string' } } });
const upstream = new scripted.ScriptedUpstream({ keepBodies: false, acceptAnyToken: true });
const folder = values['write-auth'];
mkdirSync(folder, { recursive: true });
for (let n = 1; n <= Number(values.accounts); n += 1)
  writeFileSync(join(folder, `auth-${n}.json`), upstream.addAccount().login.authJson, { mode: 0o600 });
const { url } = await upstream.start();

let plan = USUAL_PLAN;

async function setPlan(request, response) {
  plan = { ...USUAL_PLAN, ...(await json(request)) };
  response.end('{}');
}

function swallow(request, response) {
  request.resume();
  request.once('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
}

function passOn(request, response) {
  const { method, headers, url: path } = request;
  const asked = ask(url + path, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  asked.on('error', () => response.destroy());
  request.pipe(asked);
}

const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
  const { method, url: path } = request;
  if (path === '/bench/issuer') response.end(url);
  else if (method === 'POST' && path.endsWith('/responses')) answerStream(request, response, plan);
  else if (path === '/bench/plan') void setPlan(request, response);
  else if (path.startsWith('/otlp')) swallow(request, response);
  else passOn(request, response);
});
serveSockets(server, () => plan);
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
process.once('SIGTERM', () => process.exit(0));
