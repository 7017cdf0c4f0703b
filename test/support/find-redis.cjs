const { spawnSync } = require('node:child_process');
const { existsSync, readdirSync } = require('node:fs');
const { delimiter, join, resolve } = require('node:path');

const UNPACKED = resolve(__dirname, '../../.cache/redis/usr');

/**
 * A real redis-server: REDIS_SERVER_BIN, then PATH, then what scripts/fetch-redis.sh has unpacked.
 *
 * @returns {Record<string, string>} variables for the test workers, {} when there is none that runs
 */
exports.findRedisServer = (env = process.env) => {
  const named = env.REDIS_SERVER_BIN ? [env.REDIS_SERVER_BIN] : [];
  const onPath = (env.PATH ?? '').split(delimiter).map((dir) => join(dir, 'redis-server'));
  for (const bin of [...named, ...onPath, join(UNPACKED, 'bin/redis-server')]) {
    if (!existsSync(bin)) continue;
    const libraries = bin.startsWith(UNPACKED) ? unpackedLibraries() : (env.LD_LIBRARY_PATH ?? '');
    const run = spawnSync(bin, ['--version'], { env: { ...env, LD_LIBRARY_PATH: libraries } });
    if (run.status !== 0) continue;
    return { CODEX_POOLER_TEST_REDIS_BIN: bin, CODEX_POOLER_TEST_REDIS_LIBRARIES: libraries };
  }
  return {};
};

function unpackedLibraries() {
  const lib = join(UNPACKED, 'lib');
  if (!existsSync(lib)) return '';
  const folders = readdirSync(lib).filter((name) => name.includes('-linux-'));
  return folders.map((name) => join(lib, name)).join(':');
}
