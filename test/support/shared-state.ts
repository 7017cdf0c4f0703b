import { NestFactory } from '@nestjs/core';
import { SharedState, SharedStateModule } from '../../src/platform/shared-state/index.js';

/** Shared state as one process has it. */
export async function sharedStateAt(url: string): Promise<{ shared: SharedState; close(): Promise<void> }> {
  const app = await NestFactory.createApplicationContext(SharedStateModule.forRoot({ REDIS_URL: url }), {
    logger: false,
  });
  return { shared: app.get(SharedState), close: () => app.close() };
}
