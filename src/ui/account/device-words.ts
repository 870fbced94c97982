/** What a sign-in was made with, in words. */
import { words } from '../words/words.ts';

export interface Device {
  readonly name: string;
  readonly kind: 'computer' | 'phone' | 'program';
}

/** In this order: most of them call themselves by the names further down as well. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOPX\//, 'Opera'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\bHeadlessChrome\//, 'Headless Chrome'],
  [/\b(?:Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
];

const SYSTEMS: readonly (readonly [RegExp, string, Device['kind']])[] = [
  [/\biPhone\b/, 'iPhone', 'phone'],
  [/\biPad\b/, 'iPad', 'phone'],
  [/\bAndroid\b/, 'Android', 'phone'],
  [/\bCrOS\b/, 'ChromeOS', 'computer'],
  [/\bWindows\b/, 'Windows', 'computer'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS', 'computer'],
  [/\bLinux\b|\bX11\b/, 'Linux', 'computer'],
];

/** The first word of what is no browser, without its version: `curl/8.14` is curl. */
const PROGRAM = /^[A-Za-z][A-Za-z0-9 _.-]{0,39}/;

/**
 * `Firefox on Linux` of a browser's `User-Agent`; the name of a program; or that it did not say.
 * Browsers tell no more than they like to: a guess for people, nothing may depend on it.
 */
export function deviceOf(userAgent: string): Device {
  const { browserOn, aBrowser, unknownDevice } = words.account;
  const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent));
  if (system && browser) return { name: browserOn(browser, system[1]), kind: system[2] };
  if (browser) return { name: browser, kind: 'computer' };
  if (/^Mozilla\//.test(userAgent))
    return {
      name: system ? browserOn(aBrowser, system[1]) : aBrowser,
      kind: system?.[2] ?? 'computer',
    };
  const program = PROGRAM.exec(userAgent)?.[0].trim();
  return { name: program ?? unknownDevice, kind: 'program' };
}
