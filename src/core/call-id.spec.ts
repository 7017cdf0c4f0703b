import { callIdFloor, newCallId } from './call-id.js';

describe('newCallId', () => {
  it('makes a UUID of version 7 whose first 48 bits are the time', () => {
    expect(newCallId(0x0192_3456_789a, Buffer.alloc(10, 0xff))).toBe('01923456-789a-7fff-bfff-ffffffffffff');
    expect(newCallId(0x0192_3456_789a, Buffer.alloc(10))).toBe('01923456-789a-7000-8000-000000000000');
  });

  it('makes another one each time', () => {
    expect(newCallId(1)).not.toBe(newCallId(1));
  });
});

describe('callIdFloor', () => {
  it('lies between the ids of the millisecond before and those of its own', () => {
    const at = 0x0192_3456_789a;
    expect(callIdFloor(at)).toBe('01923456-789a-0000-0000-000000000000');
    expect(newCallId(at - 1, Buffer.alloc(10, 0xff)) < callIdFloor(at)).toBe(true);
    expect(newCallId(at, Buffer.alloc(10)) > callIdFloor(at)).toBe(true);
  });
});
