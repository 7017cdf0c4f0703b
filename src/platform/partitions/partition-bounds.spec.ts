import { callIdFloor } from '../../core/index.js';
import { partitionName, stretchOf } from './partition-bounds.js';

const FROM = Date.UTC(2026, 10, 16);
const TO = Date.UTC(2026, 10, 23);

describe('the bounds of a partition', () => {
  it('are the times that its ids begin with', () => {
    const bound = `FOR VALUES FROM ('${callIdFloor(FROM)}') TO ('${callIdFloor(TO)}')`;
    expect(stretchOf('request_20261116', bound)).toEqual({ name: 'request_20261116', fromMs: FROM, toMs: TO });
  });

  it('are none of the DEFAULT partition, nor of one that somebody else attached', () => {
    expect(stretchOf('request_default', 'DEFAULT')).toBeUndefined();
    expect(stretchOf('request_rest', `FOR VALUES FROM (MINVALUE) TO ('${callIdFloor(TO)}')`)).toBeUndefined();
  });

  it('name it by its first day', () => {
    expect(partitionName('request', FROM)).toBe('request_20261116');
  });
});
