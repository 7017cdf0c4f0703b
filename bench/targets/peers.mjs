import { join } from 'node:path';
import { ensureIn } from '../../scripts/install.mjs';
import { root } from '../../scripts/children.mjs';
import { GATEWAY_CORE } from '../cores.mjs';
import { freePort } from '../redis.mjs';

const FOLDER = join(root, 'bench/peers');

/** Installs the peers. @returns why they cannot be had; undefined: they are there */
export async function installPeers() {
  try {
    await ensureIn(FOLDER);
    return undefined;
  } catch (error) {
    return error.message.split('\n', 1)[0];
  }
}

/** codex-as-api has no native lane: its calls are chat completions. */
export async function codexAsApiTarget(children, { upstream, login, folder }) {
  const { child, address } = await children.serve(
    'bench/peers/codex-as-api.mjs',
    [`${upstream}/backend-api/codex`, login],
    { core: GATEWAY_CORE, env: { CODEX_HOME: folder } },
  );
  return { name: 'codex-as-api', origin: address, token: 'anything', dialect: 'chat', pid: child.pid };
}

/** Portkey's gateway relays Responses to any host that speaks them as OpenAI does. */
export async function portkeyTarget(children, { upstream }) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const child = await children.run(
    process.execPath,
    [join(FOLDER, 'node_modules/@portkey-ai/gateway/build/start-server.js'), `--port=${port}`, '--headless'],
    {
      core: GATEWAY_CORE,
      ready: () =>
        fetch(origin).then(
          () => true,
          () => false,
        ),
    },
  );
  return {
    name: 'Portkey',
    origin,
    token: 'anything',
    dialect: 'v1-responses',
    headers: { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${upstream}/v1` },
    pid: child.pid,
  };
}
