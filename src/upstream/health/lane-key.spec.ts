import { aCall } from '../../../test/support/upstream-services.js';
import { laneKeyOf } from './lane-key.js';

const models = new Set(['gpt-5.5']);
describe('the lane of a call', () => {
  it('is named by a model that the account lists, and by the class of its route', () => {
    expect(laneKeyOf({ models }, aCall({ model: ' GPT-5.5 ' }))).toEqual({ model: 'gpt-5.5', routeClass: 'stream' });
    expect(laneKeyOf({ models }, aCall({ model: 'made-up', operation: 'compact' }))).toEqual({
      model: '',
      routeClass: 'compact',
    });
    expect(laneKeyOf({ models: undefined }, aCall({ transport: 'websocket' }))).toEqual({
      model: '',
      routeClass: 'websocket',
    });
  });
});
