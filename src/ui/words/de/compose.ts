import type { Words } from '../words.ts';

const number = (value: number) => value.toLocaleString('de');
const megabytes = (value: number) =>
  `${value.toLocaleString('de', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} MB`;

export const compose: Words['compose'] = {
  area: 'Ihre Nachricht',
  skipToBox: 'Zum Eingabefeld springen',
  boxLabel: 'Nachricht an Claude',
  placeholder: 'Nachricht an Claude',
  enterSends: 'Enter sendet',
  shiftEnterBreaks: ', Umschalt+Enter bricht die Zeile um',
  send: 'Senden',
  stop: 'Stopp',
  tooLong: (overBytes, maxBytes) =>
    `${number(overBytes)} Byte zu lang: Eine Nachricht fasst ${number(maxBytes)}. Bitte kürzen Sie sie, oder legen Sie den Text in eine Datei und nennen Sie diese mit @.`,
  imagesWait:
    'Bilder werden hochgeladen, sobald die Verbindung wieder steht. Laden Sie die Seite bis dahin nicht neu: Nur Ihr Text bliebe erhalten.',
  imagesUploading: 'Wird gesendet, sobald die Bilder hochgeladen sind.',
  draftNotKept:
    'Dieser Browser hat keinen Platz für Entwürfe: Was Sie schreiben, geht beim Schließen der Seite verloren.',
  returnedElsewhere:
    'Eine Nachricht für eine andere Unterhaltung konnte nicht gesendet werden. Sie steht dort wieder im Eingabefeld.',
  sentBeforeTakenBack:
    'Diese Nachricht war schon gesendet, bevor sie zurückgenommen werden konnte. Ihr Text steht auch im Eingabefeld.',

  addImages: 'Bilder hinzufügen',
  dropHere: 'Bilder hier ablegen, um sie Ihrer Nachricht hinzuzufügen',
  noImagesHere: 'Dateien lassen sich hier nicht hinzufügen: Dieser Claude nimmt keine Bilder an.',
  images: 'Bilder in Ihrer Nachricht',
  image: 'Bild',
  uploading: (name) => `${name} wird hochgeladen …`,
  uploadFailed: (name, why) => `${name}: ${why}`,
  tryAgain: 'Noch einmal versuchen',
  remove: (name) => `${name} entfernen`,
  notAnImage: (name, types) =>
    `${name} ist kein Bild, das gesendet werden kann. Möglich sind: ${types.join(', ')}.`,
  imageTooLarge: (name, size, max) =>
    `${name} hat ${megabytes(size)}; höchstens ${megabytes(max)} können gesendet werden.`,
  tooManyImages: (name, max) =>
    `${name} wurde ausgelassen: Eine Nachricht fasst ${number(max)} Bilder.`,

  files: 'Dateien',
  commands: 'Befehle',
  suggestions: (count) =>
    `${number(count)} ${count === 1 ? 'Vorschlag' : 'Vorschläge'}. Pfeiltasten wählen aus, Enter übernimmt.`,

  model: 'Modell',
  effort: 'Aufwand',
  effortOf: (effort) => `Aufwand: ${effort}`,
  defaultModel: 'Standardmodell',
  changing: 'Wird geändert …',

  quote: 'Zitieren',
  quoteToolbar: 'Ausgewählter Text',
  quoteTitle: 'In Ihrer Nachricht zitieren (Strg+Umschalt+9)',

  dictate: 'Diktieren',
  stopDictating: 'Diktat beenden',
  dictateTitle:
    'Diktieren. Die Sprache erkennt ein Dienst des Browserherstellers, der den Ton dafür erhalten kann.',
  dictation: {
    off: '',
    starting: 'Warten auf das Mikrofon …',
    listening: 'Diktat läuft … Esc beendet es',
    denied:
      'Das Mikrofon ist für diese Seite nicht erlaubt. Sie können es in den Website-Einstellungen des Browsers erlauben.',
    notHeard: 'Es war nichts zu hören. Versuchen Sie es noch einmal, näher am Mikrofon.',
    network: 'Der Sprachdienst Ihres Browsers ist nicht erreichbar.',
    noMicrophone: 'Es wurde kein Mikrofon gefunden.',
    failed: 'Ihr Browser konnte gerade keine Sprache erkennen.',
  },
};
