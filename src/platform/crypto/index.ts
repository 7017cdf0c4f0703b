export { CryptoModule } from './crypto.module.js';
export { constantTimeEqual, sha256 } from './digest.js';
export { loadOrCreateKeyRing } from './key-file.js';
export { parseKeyRing, type KeyRing } from './key-ring.js';
export { SecretBox, SecretUnreadable, type SealedFor } from './secret-box.js';
