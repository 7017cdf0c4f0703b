import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { transformFileSync } from '@swc/core';
import { loadOrCreateKeyRing } from './key-file.js';
import { parseKeyRing } from './key-ring.js';

describe('loadOrCreateKeyRing', () => {
  let home: string;
  let dataDir: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'key-file-'));
    dataDir = join(home, 'new', 'data');
  });

  afterEach(() => rmSync(home, { recursive: true }));

  it('makes the folder and a key file that only its owner can read', () => {
    const text = loadOrCreateKeyRing(dataDir);
    expect(parseKeyRing(text).current.id).toBe('v1');
    expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['secret.key']);
  });

  it('gives the same keys every time, and other keys to another installation', () => {
    const text = loadOrCreateKeyRing(dataDir);
    expect(loadOrCreateKeyRing(dataDir)).toBe(text);
    expect(loadOrCreateKeyRing(join(home, 'other'))).not.toBe(text);
  });

  it('leaves a key ring that an operator put there as it is', () => {
    const ring = `v2:${Buffer.alloc(32, 2).toString('base64')},v1:${Buffer.alloc(32, 1).toString('base64')}`;
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, 'secret.key'), `${ring}\n`);
    expect(loadOrCreateKeyRing(dataDir)).toBe(ring);
    expect(readFileSync(join(dataDir, 'secret.key'), 'utf8')).toBe(`${ring}\n`);
  });

  it('refuses a file that holds no key ring instead of replacing it, without telling its content', () => {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, 'secret.key'), 'hunter2');
    expect(() => loadOrCreateKeyRing(dataDir)).toThrow(/^(?!.*hunter2).*secret\.key holds no usable key ring\.$/);
    expect(readFileSync(join(dataDir, 'secret.key'), 'utf8')).toBe('hunter2');
  });

  it('gives one key to all who start at once', async () => {
    for (const name of ['key-ring', 'key-file']) {
      const { code } = transformFileSync(resolve(__dirname, `${name}.ts`), { module: { type: 'commonjs' } });
      writeFileSync(join(home, `${name}.js`), code);
    }
    const started = new Int32Array(new SharedArrayBuffer(4));
    const racers = Array.from({ length: 6 }, () => race(join(home, 'key-file.js'), dataDir, started, 6));
    const texts = await Promise.all(racers);
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toBe(loadOrCreateKeyRing(dataDir));
    expect(readdirSync(dataDir)).toEqual(['secret.key']);
  });
});

/** Loads the key ring in a thread of its own, at the moment when all racers are ready. */
function race(file: string, dataDir: string, started: Int32Array, racers: number): Promise<string> {
  const source = `
    const { parentPort, workerData: { file, dataDir, started, racers } } = require('node:worker_threads');
    const { loadOrCreateKeyRing } = require(file);
    Atomics.add(started, 0, 1);
    while (Atomics.load(started, 0) < racers);
    parentPort.postMessage(loadOrCreateKeyRing(dataDir));`;
  const worker = new Worker(source, { eval: true, workerData: { file, dataDir, started, racers } });
  return new Promise((done, fail) => {
    worker.once('message', done);
    worker.once('error', fail);
  });
}
