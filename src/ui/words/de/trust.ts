import type { Words } from '../words.ts';

export const trust: Words['trust'] = {
  open: 'Wer darf was',
  unknown: 'Der Server hat es noch nicht gesagt. Sehen Sie wieder nach, wenn die Verbindung steht.',
  who: 'Wer antwortet',
  claude: (version) => (version === null ? 'Claude Code' : `Claude Code ${version}`),
  demo: 'Das eingebaute Vorführprogramm, nicht Claude',
  model: 'Modell',
  ownModel: 'die Vorgabe des Programms',
  effort: (level) => `Aufwand ${level}`,
  mode: 'Ohne zu fragen',
  modes: {
    default:
      'Claude liest im Arbeitsbereich. Bevor es eine Datei ändert oder einen Befehl ausführt, fragt es Sie.',
    acceptEdits:
      'Claude liest und ändert Dateien im Arbeitsbereich. Bevor es andere Befehle ausführt, fragt es Sie.',
    plan: 'Claude liest nur und macht Pläne. Es ändert nichts.',
    dontAsk:
      'Claude tut, was vorher erlaubt wurde. Alles andere wird abgelehnt, und Sie werden nicht gefragt.',
  },
  tools: 'Werkzeuge',
  allTools: 'Alle, die Claude Code mitbringt',
  noTools: 'Keine: Claude kann nur schreiben',
  never: 'Nie, was immer Sie erlauben',
  nothing: 'Nichts ist vorab ausgeschlossen',
  sandbox: 'Abgeschirmt',
  sandboxes: {
    bwrap:
      'Was Claude ausführt, sieht den Arbeitsbereich, die eigenen Einstellungen und die Programme des Systems, nicht den Rest des Rechners. Es erreicht das Netz.',
    none: 'Es gibt keine Abschirmung: Was Claude ausführt, hat die Rechte des Servers selbst, auf allen seinen Dateien und im Netz.',
  },
  files: 'Dateien',
  ownFiles: 'Ihr eigener Arbeitsbereich. Die Unterhaltungen anderer haben den ihren.',
  sharedFiles:
    'Ein Arbeitsbereich für alle auf diesem Server: Was Claude hier ändert, sehen auch die anderen.',
  readers: 'Wer mitliest',
  readersWords:
    'Sie, in jedem Browser, in dem Sie angemeldet sind, wem Sie einen Link geben, und wer diesen Server betreibt.',
  share: 'Links zu dieser Unterhaltung …',
  untitled: 'Diese Unterhaltung',
  you: 'Sie',
  operator: (user) => `${user}, Betreiber dieses Servers`,
  close: 'Schließen',
  copy: 'Diagnose kopieren',
  copied: 'Diagnose kopiert',
  copyHint:
    'Zustände, Zeiten und Fehlercodes für den, der Ihnen hilft: keine Worte von Ihnen, keine Namen.',
  copyHere: 'Der Browser lässt diese Seite nicht kopieren. Hier ist sie:',
};
