import { localSettings } from './local-pool.js';

const CLAUDE: [string, string][] = [['*claude*', 'gpt-5.5']];

describe('the local Pool', () => {
  it('is made to keep responses, to serve any model, and gpt-5.5 to those who name none', () => {
    expect(localSettings(null, undefined)).toEqual({
      storedResponses: true,
      maxStoredItems: 1_000,
      allowUnlistedModels: true,
      defaultModel: 'gpt-5.5',
      anthropicModels: CLAUDE,
    });
  });

  it('serves the model that is asked for, also to Claude clients', () => {
    expect(localSettings(null, 'gpt-5.4')).toMatchObject({
      defaultModel: 'gpt-5.4',
      anthropicModels: [['*claude*', 'gpt-5.4']],
    });
    expect(localSettings({ defaultModel: 'gpt-5.5', anthropicModels: CLAUDE }, 'gpt-5.4')).toEqual({
      defaultModel: 'gpt-5.4',
      anthropicModels: [['*claude*', 'gpt-5.4']],
    });
  });

  it('stays as its operator left it', () => {
    const own: [string, string][] = [['claude-opus-*', 'gpt-5.4']];
    expect(localSettings({ defaultModel: 'gpt-5.4', anthropicModels: own }, undefined)).toEqual({});
    expect(localSettings({ defaultModel: 'gpt-5.5', anthropicModels: own }, 'gpt-5.4')).toEqual({
      defaultModel: 'gpt-5.4',
    });
    expect(localSettings({ defaultModel: 'gpt-5.4', anthropicModels: [] }, 'gpt-5.4')).toEqual({});
  });
});
