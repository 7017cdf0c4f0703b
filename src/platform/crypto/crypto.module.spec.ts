import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CryptoModule } from './crypto.module.js';
import { loadOrCreateKeyRing } from './key-file.js';
import { parseKeyRing } from './key-ring.js';
import { SecretBox } from './secret-box.js';

@Module({})
class Root {}

const place = { purpose: 'p', row: 'r' };

describe('CryptoModule', () => {
  let dataDir: string;
  let app: INestApplicationContext | undefined;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'crypto-module-'));
  });

  afterEach(async () => {
    await app?.close();
    rmSync(dataDir, { recursive: true });
  });

  const boxOf = async (config: { SECRET_KEYS: string | undefined }): Promise<SecretBox> => {
    const root = { module: Root, imports: [CryptoModule.forRoot({ ...config, DATA_DIR: dataDir })] };
    app = await NestFactory.createApplicationContext(root);
    return app.get(SecretBox);
  };

  it('uses the keys it was given and makes no file', async () => {
    const keys = `v7:${Buffer.alloc(32, 7).toString('base64')}`;
    const sealed = (await boxOf({ SECRET_KEYS: keys })).seal('token', place);
    expect(new SecretBox(parseKeyRing(keys)).open(sealed, place)).toBe('token');
    expect(existsSync(join(dataDir, 'secret.key'))).toBe(false);
  });

  it('uses the key file of its data folder when it was given none', async () => {
    const sealed = (await boxOf({ SECRET_KEYS: undefined })).seal('token', place);
    expect(new SecretBox(parseKeyRing(loadOrCreateKeyRing(dataDir))).open(sealed, place)).toBe('token');
  });
});
