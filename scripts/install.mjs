import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root, run } from './children.mjs';
import { buildProject, sourcesDigest, STAMP } from './build.mjs';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** Whether node_modules already holds what the lockfile says, for somebody who ran `npm ci` by hand. */
function matchesLock(directory) {
  const installed = join(directory, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const present = readJson(installed).packages;
  const wanted = Object.entries(readJson(join(directory, 'package-lock.json')).packages);
  return wanted.every(([path, { version, optional }]) => path === '' || optional || present[path]?.version === version);
}

function isInstalled(directory) {
  const stamp = join(directory, 'node_modules/.codex-pooler-lock');
  const digest = sha256(join(directory, 'package-lock.json'));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return true;
  if (!matchesLock(directory)) return false;
  writeFileSync(stamp, digest);
  return true;
}

/** A lock without a name in it is one that is just being written. */
function isHeld(lock) {
  try {
    const owner = readFileSync(lock, 'utf8');
    return owner === '' ? Date.now() - statSync(lock).mtimeMs < 2_000 : isAlive(Number(owner));
  } catch {
    return false;
  }
}

/** One installer at a time; a lock whose owner died is taken over. */
async function locked(name, action) {
  const lock = join(root, '.cache', `${name}.lock`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isHeld(lock)) await new Promise((retry) => setTimeout(retry, 200));
      else rmSync(lock, { force: true });
    }
  }
  try {
    return await action();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** npm as it was started for us, without what its outer run says about this package. */
function npm(directory, args) {
  const cli = process.env.npm_execpath;
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_(package|lifecycle|config_local_prefix)|INIT_CWD)/.test(name),
    ),
  );
  return cli?.endsWith('.js')
    ? run(process.execPath, [cli, ...args], { cwd: directory, env })
    : run('npm', args, { cwd: directory, env });
}

export async function ensureIn(directory) {
  if (isInstalled(directory)) return;
  const name = relative(root, directory) || 'the project';
  await locked('install', async () => {
    if (isInstalled(directory)) return;
    console.log(`Installing the dependencies of ${name} from its lockfile …`);
    const { code, output } = await npm(directory, [
      'ci',
      '--include=dev',
      '--include=optional',
      '--no-audit',
      '--no-fund',
    ]);
    if (code !== 0) throw new Error(`npm ci failed in ${name} (exit ${code}):\n${output.trim()}`);
    writeFileSync(join(directory, 'node_modules/.codex-pooler-lock'), sha256(join(directory, 'package-lock.json')));
  });
}

/** Installs what the lockfile says, unless it is there. */
export const ensureInstalled = () => ensureIn(root);

/** The real clients that the end-to-end tests run: each folder `test/clients*` has a lockfile of its own. */
export async function ensureClients() {
  const folders = readdirSync(join(root, 'test')).filter((name) => name.startsWith('clients'));
  for (const folder of folders) {
    const directory = join(root, 'test', folder);
    if (existsSync(join(directory, 'package-lock.json'))) await ensureIn(directory);
  }
}

/** Builds when a source is newer than what was built from it. */
export async function ensureBuilt() {
  const stamp = join(root, STAMP);
  const isBuilt = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === sourcesDigest();
  if (isBuilt()) return;
  await locked('build', async () => {
    if (!isBuilt()) await buildProject();
  });
}
