/** The plain pages of signing in at the forge: each says what happened, and what to do. */
import { page } from './pages.ts';

export interface LoginPages {
  readonly signedOut: string;
  /** The person said no at the forge. */
  readonly denied: string;
  /** What came back was begun elsewhere, too long ago, or was here before. */
  readonly notBegun: string;
  /** The forge's own answer does not hold. */
  readonly refused: string;
  /** The forge remembers a permission that was given to an application of another kind. */
  readonly oldGrant: string;
  readonly forgeDown: string;
  readonly busy: string;
  readonly tooMany: string;
  readonly notAllowed: (user: string) => string;
}

/** @param basePath Of the server; @param forge Where browsers reach the forge. */
export function loginPages(basePath: string, forge: URL): LoginPages {
  const signIn = (words: string) => `<p><a class="go" href="${basePath}/login">${words}</a></p>`;
  const again = signIn('Try again');
  return {
    signedOut: page(
      'Signed out',
      `<p>You are signed out of Greenroom. At ${forge.host} you may still be signed in.</p>${signIn('Sign in')}`,
    ),
    denied: page(
      'Not signed in',
      `<p>Greenroom was not allowed to know who you are at ${forge.host}, so nobody was signed in.</p>${again}`,
    ),
    notBegun: page(
      'Please sign in again',
      `<p>This sign-in was not begun in this browser, or took more than ten minutes, or was used already. Cookies have to be allowed for it.</p>${again}`,
    ),
    refused: page(
      'The sign-in did not work',
      `<p>What ${forge.host} answered does not hold, so nobody was signed in. If it goes on like that, tell whoever runs this server: its log says why.</p>${again}`,
    ),
    oldGrant: page(
      'Please allow it anew',
      `<p>At ${forge.host} you once allowed an older chat to know who you are, and the forge goes by that. Take it back there, under Settings, Applications, Authorized OAuth2 applications, and sign in again.</p>${again}`,
    ),
    forgeDown: page(
      'The forge does not answer',
      `<p>${forge.host}, where one signs in, cannot be reached just now. Conversations that are open go on.</p>${again}`,
    ),
    busy: page(
      'Many are signing in',
      `<p>More people are signing in than can be let in at once. It is a matter of seconds.</p>${again}`,
    ),
    tooMany: page(
      'Too many tries',
      '<p>Too many sign-ins from your network did not work. Try again in ten minutes.</p>',
    ),
    notAllowed: (user) =>
      page(
        'Not on the list',
        `<p>You are <strong>${user}</strong> at ${forge.host}, and that name is not among those who may use this Greenroom. Whoever runs it can add it.</p>${signIn('Sign in as somebody else')}`,
      ),
  };
}
