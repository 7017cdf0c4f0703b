import { NestFactory } from '@nestjs/core';
import { useRedis } from '../../../test/support/redis.js';
import { SharedState, SharedStateModule, SharedStateUnavailable } from './index.js';

const start = async (url?: string) => {
  const app = await NestFactory.createApplicationContext(SharedStateModule.forRoot({ REDIS_URL: url }), {
    logger: false,
  });
  return { app, state: app.get(SharedState) };
};

describe('SharedStateModule', () => {
  const redis = useRedis();

  it('keeps the state in the process when no Redis is named', async () => {
    const { app, state } = await start();
    await state.put('key', 'value', 60_000);
    expect([state.reach, await state.get('key')]).toEqual(['process', 'value']);
    await app.close();
  });

  it('keeps the state in the Redis that is named, and leaves it when the process ends', async () => {
    const { app, state } = await start(redis.url());
    await state.put('key', 'value', 60_000);
    expect([state.reach, await state.get('key')]).toEqual(['cluster', 'value']);
    await app.close();
    await expect(state.get('key')).rejects.toBeInstanceOf(SharedStateUnavailable);
  });
});
