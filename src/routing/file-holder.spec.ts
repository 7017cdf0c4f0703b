import type { AccountId, GatewayError } from '../core/index.js';
import type { OwnFile } from '../upstream/index.js';
import { fileHolder } from './file-holder.js';

const file = (fileId: string, account = 'alice', status: OwnFile['status'] = 'uploaded'): OwnFile => ({
  fileId,
  accountId: account as AccountId,
  status,
});

const refusal = (ids: readonly string[], own: readonly OwnFile[]): Partial<GatewayError> => {
  try {
    return { message: `nothing refused: ${String(fileHolder(ids, own))}` };
  } catch (error) {
    return error as GatewayError;
  }
};

describe('who holds the files of a call', () => {
  it('is the account of all of them', () => {
    expect(fileHolder(['f1', 'f2'], [file('f2'), file('f1')])).toBe('alice');
  });

  it('is nobody where there are none', () => {
    expect(fileHolder([], [])).toBeUndefined();
  });

  it('is not found as soon as one of them is unknown', () => {
    expect(refusal(['f1', 'f2'], [file('f1', 'alice', 'pending_upload')])).toMatchObject({
      code: 'file_not_found',
      status: 404,
      detail: { param: 'file_id' },
    });
  });

  it('is not ready while one of them is not uploaded', () => {
    expect(refusal(['f1', 'f2'], [file('f1'), file('f2', 'bob', 'pending_upload')])).toMatchObject({
      code: 'file_not_ready',
      status: 409,
      detail: { param: 'file_id' },
    });
  });

  it('is a conflict when they are with two accounts', () => {
    expect(refusal(['f1', 'f2'], [file('f1'), file('f2', 'bob')])).toMatchObject({
      code: 'file_assignment_conflict',
      status: 409,
      detail: { param: 'file_id' },
    });
  });
});
