import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './children.mjs';

/** Makes the `.env` of compose.yaml, with secrets of its own. One that is there stays: its database needs it. */
const file = process.argv[2] ?? join(root, '.env');
const lines = [
  '# Whoever loses SECRET_KEYS cannot read the logins in the database any more: keep a copy.',
  `SECRET_KEYS=v1:${randomBytes(32).toString('base64')}`,
  `POSTGRES_PASSWORD=${randomBytes(24).toString('hex')}`,
  `REDIS_PASSWORD=${randomBytes(24).toString('hex')}`,
  `OPERATOR_TOKEN=opr-cxp-${randomBytes(6).toString('hex')}-${randomBytes(32).toString('base64url')}`,
];
try {
  writeFileSync(file, `${lines.join('\n')}\n`, { flag: 'wx', mode: 0o600 });
  console.log(`Secrets for compose.yaml are in ${file}.`);
} catch (error) {
  if (error.code !== 'EEXIST') throw error;
  console.log(`${file} is there already and stays as it is.`);
}
