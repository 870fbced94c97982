import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceOf } from '../../../src/ui/account/device-words.ts';

const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';

const KNOWN: readonly (readonly [string, string, string])[] = [
  [
    'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    'Firefox on Linux',
    'computer',
  ],
  [`Mozilla/5.0 (X11; Linux x86_64) ${CHROME} Safari/537.36`, 'Chrome on Linux', 'computer'],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/142.0.0.0`,
    'Edge on Windows',
    'computer',
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 OPR/124.0.0.0`,
    'Opera on Windows',
    'computer',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
    'Safari on macOS',
    'computer',
  ],
  [`${IPHONE} Version/26.0 Mobile/15E148 Safari/604.1`, 'Safari on iPhone', 'phone'],
  [`${IPHONE} CriOS/142.0.0.0 Mobile/15E148 Safari/604.1`, 'Chrome on iPhone', 'phone'],
  [`${IPHONE} FxiOS/145.0 Mobile/15E148 Safari/604.1`, 'Firefox on iPhone', 'phone'],
  [
    `Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Mobile Safari/537.36`,
    'Chrome on Android',
    'phone',
  ],
  [
    `Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`,
    'Samsung Internet on Android',
    'phone',
  ],
  [
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${CHROME} Safari/537.36`,
    'Chrome on ChromeOS',
    'computer',
  ],
  ['Mozilla/5.0 (Windows NT 10.0) Something/1.0', 'A browser on Windows', 'computer'],
  ['Mozilla/5.0', 'A browser', 'computer'],
  ['greenroom session', 'greenroom session', 'program'],
  ['curl/8.14.1', 'curl', 'program'],
  ['', 'An unknown device', 'program'],
  ['<script>alert(1)</script>', 'An unknown device', 'program'],
];

for (const [userAgent, name, kind] of KNOWN)
  test(`${name}, of “${userAgent.slice(0, 60)}”`, () => {
    assert.deepEqual(deviceOf(userAgent), { name, kind });
  });

test('what is cut off after 200 characters still says enough', () => {
  const long = `Mozilla/5.0 (Linux; Android 15; ${'x'.repeat(300)}`.slice(0, 200);
  assert.equal(deviceOf(long).name, 'A browser on Android');
});
