import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  newVersion,
  onNewVersion,
  startAppWorker,
  takeBack,
} from '../../../src/ui/offline/app-worker.ts';

const shown = [{ close: () => shown.pop() }];
/** A worker on its way in, and what the browser knows of the page's. */
const coming = Object.assign(new EventTarget(), { state: 'installing' });
const registration = Object.assign(new EventTarget(), {
  installing: coming,
  waiting: null,
  active: null,
  update: async () => {},
  getNotifications: async () => shown,
});
const serviceWorker = Object.assign(new EventTarget(), {
  controller: {},
  register: async () => registration,
});
Object.defineProperty(globalThis, 'navigator', { value: { serviceWorker } });
Object.assign(globalThis, { document: new EventTarget(), setInterval: () => 0 });

test('[R9] a new version that was found before the page was at rest is told, once it is there', async () => {
  let told = 0;
  onNewVersion(() => {
    told += 1;
  });
  await startAppWorker(() => {});
  assert.equal(newVersion(), false);
  coming.state = 'installed';
  coming.dispatchEvent(new Event('statechange'));
  assert.equal(newVersion(), true);
  registration.dispatchEvent(new Event('updatefound'));
  coming.dispatchEvent(new Event('statechange'));
  assert.equal(told, 1);
});

test('[R37] what was said outside of the page is taken back', async () => {
  assert.equal(shown.length, 1);
  await takeBack();
  assert.equal(shown.length, 0);
});
