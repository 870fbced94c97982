/** What a person reads whose page cannot be had. Programs, and the page itself, get a fault as JSON instead. */
import type { FaultCode } from '../faults.ts';
import { type Page, page } from './pages.ts';

export interface ErrorPages {
  readonly notFound: Page;
  readonly of: (fault: FaultCode) => Page;
}

/** @param basePath Of the server. */
export function errorPages(basePath: string): ErrorPages {
  const home = (words: string) => `<p><a class="go" href="${basePath}/">${words}</a></p>`;
  const restarting = page({
    en: [
      'Greenroom is restarting',
      `<p>Running answers go on, and nothing is lost. Open this page again in a moment.</p>${home('Try again')}`,
    ],
    de: [
      'Greenroom startet neu',
      `<p>Laufende Antworten gehen weiter, und nichts geht verloren. Öffnen Sie diese Seite gleich noch einmal.</p>${home('Noch einmal versuchen')}`,
    ],
  });
  const forOperators = page({
    en: [
      'For operators only',
      `<p>Only operators of this server may see that. Whoever runs it names them in <code>CHAT_OPERATORS</code>.</p>${home('To your conversations')}`,
    ],
    de: [
      'Nur für Betreiber',
      `<p>Das dürfen nur Betreiber dieses Servers sehen. Wer das ist, legt in <code>CHAT_OPERATORS</code> fest, wer ihn betreibt.</p>${home('Zu Ihren Unterhaltungen')}`,
    ],
  });
  const own: Partial<Record<FaultCode, Page>> = {
    'server.restarting': restarting,
    'operator.required': forOperators,
  };
  return {
    notFound: page({
      en: [
        'There is nothing here',
        `<p>The address leads nowhere. Your conversations are where they were.</p>${home('To your conversations')}`,
      ],
      de: [
        'Hier ist nichts',
        `<p>Die Adresse führt nirgendwohin. Ihre Unterhaltungen sind, wo sie waren.</p>${home('Zu Ihren Unterhaltungen')}`,
      ],
    }),
    of: (fault) => own[fault] ?? refused(fault, home),
  };
}

function refused(fault: FaultCode, home: (words: string) => string): Page {
  return page({
    en: [
      'That did not work',
      `<p>The server could not answer, or did not want to: <code>${fault}</code>. If it goes on like that, tell whoever runs this server that code.</p>${home('To your conversations')}`,
    ],
    de: [
      'Das hat nicht geklappt',
      `<p>Der Server konnte oder wollte nicht antworten: <code>${fault}</code>. Bleibt es dabei, nennen Sie bitte der Person, die diesen Server betreibt, diesen Code.</p>${home('Zu Ihren Unterhaltungen')}`,
    ],
  });
}
