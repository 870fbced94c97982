/** The plain pages of signing in at the forge: each says what happened, and what to do. */
import { type Page, page } from './pages.ts';

export interface LoginPages {
  readonly signedOut: Page;
  /** The person said no at the forge. */
  readonly denied: Page;
  /** What came back was begun elsewhere, too long ago, or was here before. */
  readonly notBegun: Page;
  /** The forge's own answer does not hold. */
  readonly refused: Page;
  /** The forge remembers a permission that was given to an application of another kind. */
  readonly oldGrant: Page;
  readonly forgeDown: Page;
  readonly busy: Page;
  readonly tooMany: Page;
  readonly notAllowed: (user: string) => Page;
}

/** @param basePath Of the server; @param forge Where browsers reach the forge. */
export function loginPages(basePath: string, forge: URL): LoginPages {
  const at = forge.host;
  const signIn = (words: string) => `<p><a class="go" href="${basePath}/login">${words}</a></p>`;
  const again = { en: signIn('Try again'), de: signIn('Noch einmal versuchen') };
  return {
    signedOut: page({
      en: [
        'Signed out',
        `<p>You are signed out of Greenroom. At ${at} you may still be signed in.</p>${signIn('Sign in')}`,
      ],
      de: [
        'Abgemeldet',
        `<p>Sie sind von Greenroom abgemeldet. Bei ${at} sind Sie vielleicht noch angemeldet.</p>${signIn('Anmelden')}`,
      ],
    }),
    denied: page({
      en: [
        'Not signed in',
        `<p>Greenroom was not allowed to know who you are at ${at}, so nobody was signed in.</p>${again.en}`,
      ],
      de: [
        'Nicht angemeldet',
        `<p>Greenroom durfte nicht erfahren, wer Sie bei ${at} sind, deshalb wurde niemand angemeldet.</p>${again.de}`,
      ],
    }),
    notBegun: page({
      en: [
        'Please sign in again',
        `<p>This sign-in was not begun in this browser, or took more than ten minutes, or was used already. Cookies have to be allowed for it.</p>${again.en}`,
      ],
      de: [
        'Bitte melden Sie sich noch einmal an',
        `<p>Diese Anmeldung wurde nicht in diesem Browser begonnen, hat länger als zehn Minuten gedauert oder wurde schon benutzt. Cookies müssen dafür erlaubt sein.</p>${again.de}`,
      ],
    }),
    refused: page({
      en: [
        'The sign-in did not work',
        `<p>What ${at} answered does not hold, so nobody was signed in. If it goes on like that, tell whoever runs this server: its log says why.</p>${again.en}`,
      ],
      de: [
        'Die Anmeldung hat nicht geklappt',
        `<p>Was ${at} geantwortet hat, stimmt nicht, deshalb wurde niemand angemeldet. Bleibt es dabei, sagen Sie es bitte der Person, die diesen Server betreibt: In seinem Protokoll steht der Grund.</p>${again.de}`,
      ],
    }),
    oldGrant: page({
      en: [
        'Please allow it anew',
        `<p>At ${at} you once allowed an older chat to know who you are, and the forge goes by that. Take it back there, under Settings, Applications, Authorized OAuth2 applications, and sign in again.</p>${again.en}`,
      ],
      de: [
        'Bitte erlauben Sie es neu',
        `<p>Bei ${at} haben Sie einmal einem älteren Chat erlaubt zu erfahren, wer Sie sind, und danach richtet es sich noch. Nehmen Sie das dort unter „Einstellungen“, „Anwendungen“, „Autorisierte OAuth2-Anwendungen“ zurück, und melden Sie sich noch einmal an.</p>${again.de}`,
      ],
    }),
    forgeDown: page({
      en: [
        'The forge does not answer',
        `<p>${at}, where one signs in, cannot be reached just now. Conversations that are open go on.</p>${again.en}`,
      ],
      de: [
        `${at} antwortet nicht`,
        `<p>Dort meldet man sich an, und es ist gerade nicht erreichbar. Offene Unterhaltungen gehen weiter.</p>${again.de}`,
      ],
    }),
    busy: page({
      en: [
        'Many are signing in',
        `<p>More people are signing in than can be let in at once. It is a matter of seconds.</p>${again.en}`,
      ],
      de: [
        'Viele melden sich gerade an',
        `<p>Es melden sich mehr Personen an, als auf einmal eingelassen werden können. Das dauert nur Sekunden.</p>${again.de}`,
      ],
    }),
    tooMany: page({
      en: [
        'Too many tries',
        '<p>Too many sign-ins from your network did not work. Try again in ten minutes.</p>',
      ],
      de: [
        'Zu viele Versuche',
        '<p>Zu viele Anmeldungen aus Ihrem Netz haben nicht geklappt. Versuchen Sie es in zehn Minuten noch einmal.</p>',
      ],
    }),
    notAllowed: (user) =>
      page({
        en: [
          'Not on the list',
          `<p>You are <strong>${user}</strong> at ${at}, and that name is not among those who may use this Greenroom. Whoever runs it can add it.</p>${signIn('Sign in as somebody else')}`,
        ],
        de: [
          'Nicht auf der Liste',
          `<p>Sie sind bei ${at} <strong>${user}</strong>, und dieser Name gehört nicht zu denen, die dieses Greenroom benutzen dürfen. Wer es betreibt, kann ihn hinzufügen.</p>${signIn('Mit einem anderen Namen anmelden')}`,
        ],
      }),
  };
}
