export { CryptoModule } from './crypto.module.js';
export { constantTimeEqual, sha256 } from './digest.js';
export { parseKeyRing } from './key-ring.js';
export { SecretBox, SecretUnreadable } from './secret-box.js';
