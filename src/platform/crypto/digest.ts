import { createHash, timingSafeEqual } from 'node:crypto';

/** 32 bytes. Text is hashed as UTF-8. */
export const sha256 = (content: string | Buffer): Buffer => createHash('sha256').update(content).digest();

/** Takes the same time wherever two buffers of one length differ. The length itself is not hidden. */
export const constantTimeEqual = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
