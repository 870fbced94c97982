import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whenNear } from '../../src/ui/view/when-near.ts';

/** A stand-in for the browser's observer: a real one cannot be made to tell of two crossings at once. */
class Observer {
  static made: Observer[] = [];
  readonly #told: (crossings: { isIntersecting: boolean }[]) => void;
  isOn = false;

  constructor(told: (crossings: { isIntersecting: boolean }[]) => void) {
    this.#told = told;
    Observer.made.push(this);
  }
  observe() {
    this.isOn = true;
  }
  disconnect() {
    this.isOn = false;
  }
  cross(...ways: boolean[]) {
    this.#told(ways.map((isIntersecting) => ({ isIntersecting })));
  }
}

test('of crossings a slow page hears of at once, the last counts', (t) => {
  const before = globalThis.IntersectionObserver;
  t.after(() => {
    globalThis.IntersectionObserver = before;
  });
  globalThis.IntersectionObserver = Observer as unknown as typeof IntersectionObserver;
  let told = 0;
  const letGo = whenNear({} as Element, () => told++, { rootMargin: '0px' });
  const [observer] = Observer.made;
  observer?.cross(false);
  assert.equal(told, 0);
  observer?.cross(false, true); // scrolled back before the first was heard of
  assert.equal(told, 1);
  observer?.cross(true, false);
  assert.equal(told, 1);
  letGo();
  assert.equal(observer?.isOn, false);
});
