const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');
const { resolve } = require('node:path');
const { findRedisServer } = require('./find-redis.cjs');

/** Starts the servers of the run; the workers find their addresses in the environment. */
module.exports = async () => {
  const services = spawn(process.execPath, [resolve(__dirname, 'services.cjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const line = await new Promise((done, failed) => {
    createInterface({ input: services.stdout }).once('line', done);
    services.once('error', failed);
    services.once('exit', (code) => failed(new Error(`The servers for the tests did not start (exit code ${code}).`)));
  });
  Object.assign(process.env, findRedisServer(), JSON.parse(line));
  globalThis.codexPoolerTestServices = services;
};
