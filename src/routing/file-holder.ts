import { GatewayError, type AccountId } from '../core/index.js';
import type { OwnFile } from '../upstream/index.js';

const AT = { param: 'file_id' };

/**
 * The one account that holds every file a call refers to.
 *
 * @param fileIds as the call names them
 * @param own     those that are the caller's and not over
 * @throws GatewayError `file_not_found`, also for somebody else's; `file_not_ready`; `file_assignment_conflict` when no
 *   one account holds all of them
 */
export function fileHolder(fileIds: readonly string[], own: readonly OwnFile[]): AccountId | undefined {
  const known = new Map(own.map((file) => [file.fileId, file]));
  const files = fileIds.map((id) => known.get(id));
  if (!files.every((file) => file !== undefined)) {
    throw new GatewayError('file_not_found', 'There is no file with this id, or no longer.', AT);
  }
  if (files.some(({ status }) => status !== 'uploaded')) {
    throw new GatewayError('file_not_ready', 'The upload of this file was not finished.', AT);
  }
  const holders = new Set(files.map(({ accountId }) => accountId));
  if (holders.size > 1) {
    const message = 'These files cannot be used in one request: upload them again, one right after the other.';
    throw new GatewayError('file_assignment_conflict', message, AT);
  }
  return files[0]?.accountId;
}
