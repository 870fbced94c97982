/** A capsule as a test: what happened once goes the same way for ever. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { replay } from '../../src/machines/inspection/capsule.ts';
import { readCapsule } from '../../src/machines/inspection/read-capsule.ts';
import { stateName } from '../../src/machines/inspection/shown.ts';

/**
 * One line makes a test of a capsule's file: it ends as it did, as a fold and alive.
 * @param through States it goes through, in this order, with others between.
 */
export function testCapsule(title: string, file: URL, through: readonly string[] = []): void {
  test(title, () => {
    const { identical, steps } = replay(readCapsule(readFileSync(file, 'utf8')));
    const path = steps.map(({ snapshot }) => stateName(snapshot.value)).values();
    for (const state of through)
      assert.ok(
        path.some((found) => found === state),
        `it does not come to ${state}`,
      );
    assert.ok(
      identical,
      `it ends otherwise, in ${stateName(steps.at(-1)?.snapshot.value ?? null)}`,
    );
  });
}
