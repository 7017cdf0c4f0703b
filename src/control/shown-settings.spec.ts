import { loadConfig } from '../platform/config/index.js';
import { shownSettings } from './shown-settings.js';

const SECRET = 'whoever-has-this';
const shown = (env: NodeJS.ProcessEnv) => new Map(shownSettings(loadConfig(env)).map((each) => [each.name, each]));

describe('settings', () => {
  it('tell of secrets only that they are set', () => {
    const env = {
      DATABASE_URL: `postgresql://me:${SECRET}@host/db`,
      REDIS_URL: `redis://:${SECRET}@host`,
      API_KEY: SECRET,
      PRICES_URL: `https://${SECRET}:${SECRET}@host.example/list?token=${SECRET}#${SECRET}`,
    };
    const settings = shown(env);
    expect(JSON.stringify([...settings])).not.toContain(SECRET);
    expect(settings.get('API_KEY')).toMatchObject({ value: 'set', secret: true });
    expect(settings.get('SECRET_KEYS')).toMatchObject({ value: 'not set', secret: true });
    expect(settings.get('PRICES_URL')).toMatchObject({ value: 'https://host.example/list', secret: false });
  });

  it('tell whether somebody set them, also to what they are anyway, and under another name', () => {
    const settings = shown({ QUEUE_SIZE: '256', MODE: 'local', CODEX_AS_API_PORT: '1234' });
    expect(settings.get('QUEUE_SIZE')).toMatchObject({ value: 256, source: 'environment' });
    expect(settings.get('PORT')).toMatchObject({ value: 1_234, source: 'environment' });
    expect(settings.get('RELAY_UNKNOWN_V1')).toMatchObject({ value: true, source: 'default' });
  });

  it('tell of lists what is written in a variable', () => {
    const settings = shown({ IP_ALLOW_LIST: '10.0.0.0/8, 192.0.2.7', ROUTE_CLASS_LIMITS: 'compact=3' });
    expect(settings.get('IP_ALLOW_LIST')?.value).toBe('10.0.0.0/8,192.0.2.7');
    expect(settings.get('ROUTE_CLASS_LIMITS')?.value).toMatch(/^stream=2000,.*compact=3/);
  });
});
