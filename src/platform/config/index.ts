export { CODEX_SETTINGS_FILE, codexFolder, codexSettings, type CodexSettings } from './codex-folder.js';
export { contextOf } from './context-limits.js';
export { isGiven, loadConfig, namedVariable } from './load.js';
export { CONFIG, type Config } from './schema.js';
export { ConfigModule } from './config.module.js';
