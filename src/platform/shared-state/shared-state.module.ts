import { Module, type DynamicModule } from '@nestjs/common';
import type { Config } from '../config/index.js';
import { MemorySharedState } from './memory-shared-state.js';
import { RedisSharedState } from './redis-shared-state.js';
import { SharedState } from './shared-state.js';

/** `SharedState` for all modules: in Redis when one is named, else in the process. Closes its connections. */
@Module({})
export class SharedStateModule {
  static forRoot({ REDIS_URL: url }: Pick<Config, 'REDIS_URL'>): DynamicModule {
    const useFactory = () =>
      url === undefined ? new MemorySharedState(() => performance.now()) : RedisSharedState.connect(url);
    return {
      module: SharedStateModule,
      global: true,
      providers: [{ provide: SharedState, useFactory }],
      exports: [SharedState],
    };
  }
}
