import { Module, type DynamicModule } from '@nestjs/common';
import { CONFIG, type Config } from './schema.js';

/** Hands the frozen configuration to whoever imports it. */
@Module({})
export class ConfigModule {
  static forRoot(config: Config): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: CONFIG, useValue: config }],
      exports: [CONFIG],
    };
  }
}
