import { Module, type DynamicModule } from '@nestjs/common';
import type { Config } from '../config/index.js';
import { loadOrCreateKeyRing } from './key-file.js';
import { parseKeyRing } from './key-ring.js';
import { SecretBox } from './secret-box.js';

/** The secret box of this installation, for everybody who stores a secret. */
@Module({})
export class CryptoModule {
  /** Makes the key file in `DATA_DIR` when `SECRET_KEYS` is absent, at the latest when the application starts. */
  static forRoot(config: Pick<Config, 'SECRET_KEYS' | 'DATA_DIR'>): DynamicModule {
    const useFactory = (): SecretBox =>
      new SecretBox(parseKeyRing(config.SECRET_KEYS ?? loadOrCreateKeyRing(config.DATA_DIR)));
    return {
      module: CryptoModule,
      global: true,
      providers: [{ provide: SecretBox, useFactory }],
      exports: [SecretBox],
    };
  }
}
