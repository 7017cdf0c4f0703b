import { ToolNames } from './tool-names.js';

const LONG = `mcp__${'server'.repeat(12)}__search`;

describe('ToolNames', () => {
  it('leaves names alone that the backend takes', () => {
    expect(new ToolNames().sent('get_weather-2')).toBe('get_weather-2');
  });

  it.each([LONG, 'files.read', 'a b'])('sends %s as a name that the backend takes, and knows it again', (name) => {
    const names = new ToolNames();
    const sent = names.sent(name);
    expect(sent).toMatch(/^[\w-]{1,64}$/);
    expect(names.own(sent)).toBe(name);
  });

  it('sends a name in the same form in every turn, and two names in two', () => {
    expect(new ToolNames().sent(LONG)).toBe(new ToolNames().sent(LONG));
    expect(new ToolNames().sent('a.b')).not.toBe(new ToolNames().sent('a b'));
  });
});
