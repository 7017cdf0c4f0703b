import { loadConfig } from './load.js';

describe('the configuration', () => {
  it('is that of a server unless local mode is asked for', () => {
    const { MODE, HOST, PORT, RELAY_UNKNOWN_V1 } = loadConfig({});
    expect([MODE, HOST, PORT, RELAY_UNKNOWN_V1]).toEqual(['server', '127.0.0.1', 4_000, false]);
  });

  it('of local mode listens on 18080 and relays, unless it says otherwise', () => {
    const { HOST, PORT, RELAY_UNKNOWN_V1 } = loadConfig({ MODE: 'local' });
    expect([HOST, PORT, RELAY_UNKNOWN_V1]).toEqual(['127.0.0.1', 18_080, true]);
    expect(loadConfig({ MODE: 'local', PORT: '1', RELAY_UNKNOWN_V1: 'false' })).toMatchObject({
      PORT: 1,
      RELAY_UNKNOWN_V1: false,
    });
  });

  it('takes what the command line says before what the environment says', () => {
    expect(loadConfig({ PORT: '1', HOST: 'localhost' }, { MODE: 'local', PORT: '2' })).toMatchObject({
      PORT: 2,
      HOST: 'localhost',
    });
  });

  it('of local mode knows the names that other local servers have, after its own', () => {
    const others = {
      OPENAI_VIA_CODEX_HOST: 'localhost',
      CODEX_AS_API_PORT: '3',
      CODEX_AS_API_MODEL: 'gpt-5.4',
      OPENAI_VIA_CODEX_API_KEY: 'theirs',
      CODEX_AS_API_AUTH_PATH: '/auth.json',
    };
    expect(loadConfig({ ...others, MODE: 'local', API_KEY: 'ours', DEFAULT_MODEL: '' })).toMatchObject({
      HOST: 'localhost',
      PORT: 3,
      DEFAULT_MODEL: 'gpt-5.4',
      API_KEY: 'ours',
      AUTH_JSON: '/auth.json',
    });
    expect(loadConfig(others)).toMatchObject({ HOST: '127.0.0.1', PORT: 4_000 });
  });

  it('of a server cannot relay unknown paths with accounts that are shared', () => {
    expect(() => loadConfig({ RELAY_UNKNOWN_V1: 'true' })).toThrow(/^Invalid environment: RELAY_UNKNOWN_V1 needs/);
  });

  it('quotes no value of what is wrong with it', () => {
    expect(() => loadConfig({ MODE: 'local', API_KEY: 'a secret' })).toThrow(
      /^Invalid environment: API_KEY must be printable ASCII without spaces$/,
    );
  });
});
