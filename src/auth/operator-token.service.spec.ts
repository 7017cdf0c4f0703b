import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { useDatabase } from '../../test/support/database.js';
import { eventually } from '../../test/support/eventually.js';
import type { PoolId } from '../core/index.js';
import { MemorySharedState } from '../platform/shared-state/index.js';
import { KeyBroadcast } from './key-broadcast.service.js';
import { KeyRefused } from './key-refused.js';
import { OperatorTokenAdmin, type NewOperatorToken } from './operator-token-admin.service.js';
import { OperatorToken } from './operator-token.entity.js';
import { OperatorTokenRepository } from './operator-token.repository.js';
import { OperatorTokenService } from './operator-token.service.js';
import { mintToken, TOKEN_RANDOM_BYTES } from './token-format.js';

const HOUR_MS = 3_600_000;

describe("operators' tokens", () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  const database = useDatabase([OperatorToken]);

  /** What one process has, on the store of this file. */
  async function house(shared = new MemorySharedState(() => 0)) {
    const rows = database.dataSource().getRepository(OperatorToken);
    const service = new OperatorTokenService(new OperatorTokenRepository(rows), shared);
    await service.onModuleInit();
    const admin = new OperatorTokenAdmin(rows, new KeyBroadcast(shared));
    const make = (wanted: Partial<NewOperatorToken> = {}) =>
      admin.create({ kind: 'operator', label: randomUUID(), createdBy: 'test', ...wanted });
    const lets = async (token: string, nowMs = Date.now(), kind: OperatorToken['kind'] = 'operator') =>
      (await service.authenticate(`Bearer ${token}`, nowMs, kind)) !== undefined;
    return { service, admin, rows, make, lets, shared };
  }

  it('say who asks, and what they may', async () => {
    const { make, service } = await house();
    const poolIds = [randomUUID() as PoolId];
    const { row, token } = await make({ label: 'terraform', scopes: ['keys:write', 'read'], poolIds });
    expect(token).toMatch(/^opr-cxp-[0-9a-f]{12}-[\w-]{43}$/);
    expect(await service.authenticate(`Bearer ${token}`, Date.now(), 'operator')).toEqual({
      tokenId: row.id,
      kind: 'operator',
      label: 'terraform',
      scopes: new Set(['read', 'keys:write']),
      poolIds: new Set(poolIds),
    });
  });

  it('allow a new one to read, unless more is said', async () => {
    const { make } = await house();
    const [operator, mcp] = [await make(), await make({ kind: 'mcp' })];
    expect([operator.row.scopes, mcp.row.scopes, mcp.row.prefix.slice(0, 8)]).toEqual([
      ['read'],
      ['mcp:read'],
      'mcp-cxp-',
    ]);
  });

  it.each([
    ['no header', () => undefined],
    ['the scheme in lower case', (token: string) => `bearer ${token}`],
    ['no scheme', (token: string) => token],
    ['two spaces', (token: string) => `Bearer  ${token}`],
    ['two values', (token: string) => `Bearer ${token}, Bearer ${token}`],
    ['basic authentication', (token: string) => `Basic ${Buffer.from(`x:${token}`).toString('base64')}`],
    ['a malformed one', (token: string) => `Bearer ${token.slice(0, -1)}`],
    ['a wrong secret', (token: string) => `Bearer ${token.slice(0, 21)}${'A'.repeat(43)}`],
    ['an unknown one', () => `Bearer ${mintToken(Buffer.alloc(TOKEN_RANDOM_BYTES, 9), 'opr')}`],
    ['a Pool API key', (token: string) => `Bearer ${token.replace('opr', 'sk')}`],
    ['one for the MCP endpoint', (token: string) => `Bearer ${token.replace('opr', 'mcp')}`],
  ])('let nobody in with %s', async (_, header) => {
    const { make, service } = await house();
    const { token } = await make();
    expect(await service.authenticate(header(token), Date.now(), 'operator')).toBeUndefined();
  });

  it('for the MCP endpoint are none for the operator API', async () => {
    const { make, lets } = await house();
    const { token } = await make({ kind: 'mcp' });
    expect([await lets(token), await lets(token, Date.now(), 'mcp')]).toEqual([false, true]);
  });

  it('end at their time, to the millisecond, also while they are remembered', async () => {
    const { make, lets } = await house();
    const endMs = Date.now() + HOUR_MS;
    const { token } = await make({ expiresAt: new Date(endMs) });
    expect([await lets(token, endMs - 1), await lets(token, endMs)]).toEqual([true, false]);
  });

  it('are refused once they are disabled, let in when they are enabled, and refused for good when revoked', async () => {
    const { admin, make, lets } = await house();
    const { row, token } = await make();
    const heard = (expected: boolean) => eventually(async () => expect(await lets(token)).toBe(expected));
    await heard(true);
    await admin.setEnabled(row.label, false);
    await heard(false);
    await admin.setEnabled(row.prefix, true);
    await heard(true);
    await admin.revoke(row.id);
    await heard(false);
    await expect(admin.setEnabled(row.id, true)).rejects.toThrow(KeyRefused);
    await expect(admin.rotate(row.id)).rejects.toThrow(KeyRefused);
    expect(await admin.revoke('nobody')).toBeNull();
  });

  it('tell those who stay when one may have changed', async () => {
    const { admin, make, service } = await house();
    const { row } = await make();
    const changed = new Promise<void>((tell) => service.onChange(row.id, tell));
    await admin.revoke(row.id);
    await changed;
  });

  it('have two secrets for as long as a rotation overlaps', async () => {
    const { admin, make, lets } = await house();
    const { row, token } = await make();
    const rotated = await admin.rotate(row.id, HOUR_MS);
    const untilMs = rotated?.row.previousUntil?.getTime() ?? 0;
    expect(untilMs - Date.now()).toBeGreaterThan(HOUR_MS - 60_000);
    expect([await lets(token, untilMs - 1), await lets(rotated?.token ?? '', untilMs)]).toEqual([true, true]);
    expect(await lets(token, untilMs)).toBe(false);
  });

  it('have one secret after a rotation without an overlap, and only ever the last two', async () => {
    const { admin, make, lets } = await house();
    const { row, token } = await make();
    const second = (await admin.rotate(row.id, HOUR_MS))?.token ?? '';
    const third = (await admin.rotate(row.id, HOUR_MS))?.token ?? '';
    expect([await lets(token), await lets(second), await lets(third)]).toEqual([false, true, true]);
    const last = (await admin.rotate(row.id))?.token ?? '';
    await eventually(async () =>
      expect([await lets(second), await lets(third), await lets(last)]).toEqual([false, false, true]),
    );
  });

  it('refuse a rotation that overlaps for more than 30 days', async () => {
    const { admin, make } = await house();
    const { row } = await make();
    await expect(admin.rotate(row.id, 31 * 24 * HOUR_MS)).rejects.toThrow(KeyRefused);
  });

  it('keep no secret, and note the last use once a minute', async () => {
    const { make, lets, rows } = await house();
    const { row, token } = await make();
    const nowMs = Date.now();
    await lets(token, nowMs);
    await lets(token, nowMs + 59_999);
    await eventually(async () =>
      expect((await rows.findOneByOrFail({ id: row.id })).lastUsedAt?.getTime()).toBe(nowMs),
    );
    const [stored] = await rows.query<object[]>(
      'SELECT to_jsonb(operator_token)::text FROM operator_token WHERE id = $1',
      [row.id],
    );
    expect(JSON.stringify(stored)).not.toContain(token.slice(21));
  });

  it('are made once for a file that is applied again and again, and changed when it says something else', async () => {
    const { admin, lets } = await house();
    const secret = mintToken(Buffer.alloc(TOKEN_RANDOM_BYTES, 3), 'opr');
    const wanted = { kind: 'operator', label: 'declared', createdBy: 'file', scopes: ['admin'], secret } as const;
    const first = await admin.ensure(wanted);
    const again = await admin.ensure(wanted);
    expect([first.token, again.token, again.row]).toEqual([secret, undefined, first.row]);
    const read = await admin.ensure({ ...wanted, scopes: ['read'] });
    expect([read.row.id, read.row.scopes]).toEqual([first.row.id, ['read']]);
    const other = mintToken(Buffer.alloc(TOKEN_RANDOM_BYTES, 4), 'opr');
    await admin.ensure({ ...wanted, secret: other });
    await eventually(async () => expect([await lets(secret), await lets(other)]).toEqual([false, true]));
    const { secret: _, ...unsaid } = wanted;
    expect((await admin.ensure({ ...unsaid, label: 'minted' })).token).toMatch(/^opr-/);
    expect((await admin.ensure({ ...unsaid, label: 'minted' })).token).toBeUndefined();
  });

  it.each([
    ['a label that is taken', { label: 'taken' }],
    ['no label', { label: ' ' }],
    ['a scope that there is not', { scopes: ['root'] }],
    ['no scope', { scopes: [] }],
    ['a scope of the other kind', { scopes: ['mcp:write'] }],
    ['no Pool', { poolIds: [] }],
    ['a secret of another family', { secret: mintToken(Buffer.alloc(TOKEN_RANDOM_BYTES, 5)) }],
  ])('refuse %s', async (_, wanted) => {
    const { admin, make } = await house();
    await admin.ensure({ kind: 'operator', label: 'taken', createdBy: 'test' });
    await expect(make(wanted)).rejects.toThrow(KeyRefused);
  });
});
