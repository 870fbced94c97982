/**
 * What every answer tells a browser to refuse, whatever else it says. A handler may set a policy of its own in the
 * place of one of these: pages do.
 */

/** A year. Not for preloading lists: that would be the whole host's promise, and for good. */
const HSTS = 'max-age=31536000';

/**
 * Of the powers a page may ask for, those this page uses; the others are denied to it and all it could frame. Only
 * those that browsers have known for long: Chromium reports each name it does not know as an error of the page.
 */
const PERMISSIONS = {
  'clipboard-write': '(self)',
  microphone: '(self)', // dictation asks its user first
  ...Object.fromEntries(
    [
      'accelerometer',
      'autoplay',
      'camera',
      'clipboard-read',
      'display-capture',
      'encrypted-media',
      'fullscreen',
      'geolocation',
      'gyroscope',
      'hid',
      'idle-detection',
      'magnetometer',
      'midi',
      'payment',
      'picture-in-picture',
      'publickey-credentials-get',
      'screen-wake-lock',
      'serial',
      'usb',
      'xr-spatial-tracking',
    ].map((name) => [name, '()']),
  ),
};

const ALWAYS = {
  // For what is no page: shown by itself, it may load and do nothing.
  'Content-Security-Policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  // No Cross-Origin-Embedder-Policy: the page’s own policy loads nothing from elsewhere, so it would refuse nothing
  // more, and it would give the page shared memory and exact clocks.
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': Object.entries(PERMISSIONS)
    .map(([name, allowed]) => `${name}=${allowed}`)
    .join(', '),
  // Not `no-referrer`: it would turn the Origin of our own forms into `null`.
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
};

export type SecurityHeaders = Readonly<Record<string, string>>;

/** @param secure Whether browsers reach us by https: only then may they be told to use nothing else. */
export function securityHeaders(secure: boolean): SecurityHeaders {
  return secure ? { ...ALWAYS, 'Strict-Transport-Security': HSTS } : ALWAYS;
}
