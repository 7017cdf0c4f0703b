import { isolated } from './isolated.js';

const refusal = Object.assign(new Error(), { code: '23514' });

describe('isolated', () => {
  it('writes items together as long as nothing is wrong with them', async () => {
    const writes: unknown[] = [];
    expect(await isolated([1, 2, 3], async (items) => void writes.push(items))).toEqual([]);
    expect(writes).toEqual([[1, 2, 3]]);
  });

  it('finds the items that are refused for what is in them', async () => {
    const write = async (items: readonly number[]) => {
      if (items.includes(2)) throw refusal;
    };
    expect(await isolated([1, 2, 3], write)).toEqual([2]);
  });

  it('passes every other failure on', async () => {
    const gone = Object.assign(new Error('gone'), { code: '57P01' });
    await expect(isolated([1, 2], () => Promise.reject(gone))).rejects.toBe(gone);
  });
});
