// A Redis written in JavaScript, for machines without a real one. It must run outside jest's VM, where it hangs.
const { createRedisMock } = require('js-redis-server');

/** The profile refuses commands that came after Redis 7.0. */
const PROFILE = 'redis-7.0';

const startStandalone = (port = 0) => createRedisMock({ port, compatibility: PROFILE });
const startCluster = () => createRedisMock({ cluster: { masters: 3 }, compatibility: PROFILE });

module.exports = { startStandalone, startCluster };

if (require.main === module) startStandalone(Number(process.argv[2]));
