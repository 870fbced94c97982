import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sizeWords } from '../../../src/ui/files/size-words.ts';

test('a size is told in powers of 1024, with one digit behind the point below 10', () => {
  const sizes = [0, 1, 1023, 1024, 1234, 34 * 1024 ** 2, 1.5 * 1024 ** 3, 5000 * 1024 ** 4];
  assert.deepEqual(sizes.map(sizeWords), [
    '0 bytes',
    '1 byte',
    '1,023 bytes',
    '1.0 KB',
    '1.2 KB',
    '34 MB',
    '1.5 GB',
    '5,000 TB',
  ]);
});
