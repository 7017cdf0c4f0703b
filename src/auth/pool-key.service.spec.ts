import { Logger } from '@nestjs/common';
import { GatewayError, type KeyId } from '../core/index.js';
import { aPoolPolicy } from '../../test/support/pool-policy.js';
import { MemorySharedState, SharedStateUnavailable, type SharedState } from '../platform/shared-state/index.js';
import { EVERY_KEY, KEY_CHANNEL, type KeyRecord } from './key-record.js';
import type { PoolKeyRepository } from './pool-key.repository.js';
import { PoolKeyService } from './pool-key.service.js';
import { mintToken, TOKEN_RANDOM_BYTES } from './token-format.js';

const NOW_MS = 1_800_000_000_000;
const TOKEN = mintToken(Buffer.alloc(TOKEN_RANDOM_BYTES, 7));
const HEADER = `Bearer ${TOKEN}`;

const record = (changes: Partial<KeyRecord> = {}): KeyRecord => ({
  principal: {
    keyId: 'key-1' as KeyId,
    keyLabel: 'ci',
    pool: aPoolPolicy(),
  },
  status: 'active',
  poolStatus: 'active',
  ...changes,
});

/** One key, as a store would hold it; `queries` counts the look-ups, `gate` holds them back. */
class FakeKeys {
  stored: KeyRecord | undefined = record();
  queries = 0;
  gate: Promise<void> = Promise.resolve();
  readonly marked: number[] = [];
  markUsed = async (_: KeyId, at: Date) => void this.marked.push(at.getTime());

  async find(): Promise<KeyRecord | undefined> {
    this.queries += 1;
    const found = this.stored;
    await this.gate;
    return found;
  }
}

class ClusterState extends MemorySharedState {
  override readonly reach = 'cluster' as 'process';
}

async function started(shared: SharedState = new MemorySharedState(() => 0)) {
  const keys = new FakeKeys();
  const service = new PoolKeyService(keys as unknown as PoolKeyRepository, shared);
  await service.onModuleInit();
  const codeOf = (header: string | undefined, nowMs: number) =>
    service.authenticate(header, nowMs).then(
      () => 'ok',
      (error: unknown) => GatewayError.from(error).code,
    );
  const codeAt = (nowMs: number) => codeOf(HEADER, nowMs);
  return { keys, service, shared, codeAt, codeOf };
}

/** Resolves when all who listen have heard it: they hear in the order in which they began to listen. */
async function broadcast(shared: SharedState, message: string): Promise<void> {
  const { closed, open } = gate();
  const unsubscribe = await shared.subscribe(KEY_CHANNEL, open);
  await shared.publish(KEY_CHANNEL, message);
  await closed;
  await unsubscribe();
}

function gate() {
  let open: () => void = () => undefined;
  const closed = new Promise<void>((done) => (open = done));
  return { closed, open };
}

describe('PoolKeyService', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  it('knows the caller by the key', async () => {
    const { service } = await started();
    expect(await service.authenticate(HEADER, NOW_MS)).toEqual(record().principal);
  });

  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['the scheme in lower case', `bearer ${TOKEN}`],
    ['another scheme', `Basic ${TOKEN}`],
    ['no scheme', TOKEN],
    ['two spaces', `Bearer  ${TOKEN}`],
    ['a second value', `Bearer ${TOKEN}, Bearer ${TOKEN}`],
    ['a malformed key', `Bearer ${TOKEN.slice(0, -1)}`],
    ['a key of the operators', `Bearer ${TOKEN.replace('sk-cxp', 'mcp-cxp')}`],
  ])('calls %s api_key_missing without asking the store', async (_, header) => {
    const { codeOf, keys } = await started();
    expect([await codeOf(header, NOW_MS), keys.queries]).toEqual(['api_key_missing', 0]);
  });

  it('calls an unknown key api_key_missing as well', async () => {
    const { codeAt, keys } = await started();
    keys.stored = undefined;
    expect(await codeAt(NOW_MS)).toBe('api_key_missing');
  });

  it.each([
    [{ poolStatus: 'disabled' }, 'api_key_missing'],
    [{ poolStatus: 'archived', status: 'revoked' }, 'api_key_missing'],
    [{ status: 'revoked' }, 'api_key_revoked'],
    [{ status: 'paused' }, 'api_key_paused'],
    [{ expiresAtMs: NOW_MS }, 'api_key_expired'],
    [{ expiresAtMs: NOW_MS + 1 }, 'ok'],
  ] as const)('says of a key with %j: %s', async (changes, code) => {
    const { codeAt, keys } = await started();
    keys.stored = record(changes);
    expect(await codeAt(NOW_MS)).toBe(code);
  });

  it('refuses a key from the millisecond it expires, also when it is cached', async () => {
    const { codeAt, keys } = await started();
    keys.stored = record({ expiresAtMs: NOW_MS + 500 });
    expect([await codeAt(NOW_MS + 499), await codeAt(NOW_MS + 500), keys.queries]).toEqual([
      'ok',
      'api_key_expired',
      1,
    ]);
  });

  it.each([
    ['1 s in a process of its own', new MemorySharedState(() => 0), 1_000],
    ['5 s in a cluster', new ClusterState(() => 0), 5_000],
  ])('believes a key for %s', async (_, shared, ttlMs) => {
    const { codeAt, keys } = await started(shared);
    await codeAt(NOW_MS);
    await codeAt(NOW_MS + ttlMs - 1);
    expect(keys.queries).toBe(1);
    keys.stored = record({ status: 'revoked' });
    expect(await codeAt(NOW_MS + ttlMs)).toBe('api_key_revoked');
  });

  it('remembers for a second that a key is unknown', async () => {
    const { codeAt, keys } = await started();
    keys.stored = undefined;
    await codeAt(NOW_MS);
    keys.stored = record();
    expect([await codeAt(NOW_MS + 999), await codeAt(NOW_MS + 1_000)]).toEqual(['api_key_missing', 'ok']);
  });

  it('asks the store once for all who come at once', async () => {
    const { codeAt, keys } = await started();
    const { closed, open } = gate();
    keys.gate = closed;
    const all = Array.from({ length: 20 }, () => codeAt(NOW_MS));
    open();
    expect([new Set(await Promise.all(all)), keys.queries]).toEqual([new Set(['ok']), 1]);
  });

  it('says that nobody can tell when a look-up fails, and asks again', async () => {
    const { codeAt, keys } = await started();
    keys.gate = Promise.reject(new Error('database away'));
    keys.gate.catch(() => undefined);
    expect(await codeAt(NOW_MS)).toBe('settings_unavailable');
    keys.gate = Promise.resolve();
    expect(await codeAt(NOW_MS)).toBe('ok');
  });

  it.each(['key-1', EVERY_KEY])('looks again at once when a change of %s is broadcast', async (message) => {
    const { codeAt, keys, shared } = await started(new ClusterState(() => 0));
    await codeAt(NOW_MS);
    keys.stored = record({ status: 'revoked' });
    await broadcast(shared, message);
    expect(await codeAt(NOW_MS + 1)).toBe('api_key_revoked');
  });

  it('keeps a key when the change is of another', async () => {
    const { codeAt, keys, shared } = await started();
    await codeAt(NOW_MS);
    await broadcast(shared, 'key-2');
    await codeAt(NOW_MS + 1);
    expect(keys.queries).toBe(1);
  });

  it('does not keep what it read before a change was broadcast', async () => {
    const { codeAt, keys, shared } = await started();
    const { closed, open } = gate();
    keys.gate = closed;
    const before = codeAt(NOW_MS);
    keys.stored = record({ status: 'revoked' });
    await broadcast(shared, 'key-1');
    const after = codeAt(NOW_MS + 1);
    open();
    expect([await before, await after, await codeAt(NOW_MS + 2)]).toEqual(['ok', 'api_key_revoked', 'api_key_revoked']);
  });

  it('believes a key for 1 s only while broadcasts cannot be heard, and tries to hear them again', async () => {
    class Away extends ClusterState {
      away = true;
      override subscribe(...args: Parameters<SharedState['subscribe']>) {
        return this.away ? Promise.reject(new SharedStateUnavailable('away')) : super.subscribe(...args);
      }
    }
    const shared = new Away(() => 0);
    const { codeAt, keys } = await started(shared);
    await codeAt(NOW_MS);
    await codeAt(NOW_MS + 1_000);
    expect(keys.queries).toBe(2);
    shared.away = false;
    await codeAt(NOW_MS + 2_000);
    await codeAt(NOW_MS + 6_999);
    expect(keys.queries).toBe(3);
  });

  it('notes the use of a key at most once in 60 s', async () => {
    const { codeAt, keys } = await started();
    for (const afterMs of [0, 1, 59_999, 60_000, 60_001]) await codeAt(NOW_MS + afterMs);
    expect(keys.marked).toEqual([NOW_MS, NOW_MS + 60_000]);
  });

  it('serves a key whose use cannot be noted', async () => {
    const { codeAt, keys } = await started();
    keys.markUsed = () => Promise.reject(new Error('read-only'));
    expect(await codeAt(NOW_MS)).toBe('ok');
  });

  it('tells those who stay when their key may have changed, after it forgot what it held', async () => {
    const { service, shared, keys, codeAt } = await started();
    await codeAt(NOW_MS);
    keys.stored = record({ status: 'revoked' });
    const told: Promise<string>[] = [];
    const unhear = service.onChange('key-1' as KeyId, () => void told.push(codeAt(NOW_MS)));
    for (const message of ['key-2', 'key-1', EVERY_KEY]) await broadcast(shared, message);
    unhear();
    await broadcast(shared, EVERY_KEY);
    expect(await Promise.all(told)).toEqual(['api_key_revoked', 'api_key_revoked']);
  });

  it('stops listening when the module goes', async () => {
    const { codeAt, keys, service, shared } = await started();
    await codeAt(NOW_MS);
    await service.onModuleDestroy();
    await broadcast(shared, EVERY_KEY);
    await codeAt(NOW_MS + 1);
    expect(keys.queries).toBe(1);
  });
});
