const { once } = require('node:events');

module.exports = async () => {
  const services = globalThis.codexPoolerTestServices;
  if (services === undefined || services.exitCode !== null) return;
  const ended = once(services, 'exit');
  services.stdin.end();
  await ended;
};
