export { redisAddress } from './address.js';
export { closeRedis, readyWithin } from './lifecycle.js';
export { failFastRedis, patientRedis, subscriberRedis, type RedisClient } from './connect.js';
